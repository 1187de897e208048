"""The commit checked out is found as git finds it, and whatever else ``.git`` may hold is none."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainmon.writer.origins.commit import Commit, commit_of

ID = "0123456789abcdef0123456789abcdef01234567"
OTHER_ID = ID[::-1]

git_installed = pytest.mark.skipif(shutil.which("git") is None, reason="needs git itself")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a working tree on the branch main, whose commit is `ID`."""
    write(tmp_path / ".git" / "HEAD", "ref: refs/heads/main\n")
    write(tmp_path / ".git" / "refs" / "heads" / "main", f"{ID}\n")
    return tmp_path


def write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def git(folder: Path, *arguments: str) -> str:
    me = ("-c", "user.name=me", "-c", "user.email=me@example.org")
    command = ["git", *me, *arguments]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603 - our own arguments
    return done.stdout.strip()


@pytest.fixture
def real(tmp_path: Path) -> Path:
    """Return a working tree with one commit that git itself made, on the branch feature/x."""
    folder = tmp_path / "real"
    folder.mkdir()
    git(folder, "init", "--quiet")
    git(folder, "checkout", "--quiet", "-b", "feature/x")
    git(folder, "commit", "--quiet", "--allow-empty", "-m", "first")
    return folder


@git_installed
def test_what_git_checked_out_is_found(real: Path) -> None:
    assert commit_of(real) == Commit(git(real, "rev-parse", "HEAD"), "feature/x")


@git_installed
def test_what_git_has_packed_is_found(real: Path) -> None:
    git(real, "tag", "-a", "v1", "-m", "a tag, whose commit has a line of its own")
    git(real, "branch", "another/feature/x")
    git(real, "pack-refs", "--all")
    assert commit_of(real) == Commit(git(real, "rev-parse", "HEAD"), "feature/x")


@git_installed
def test_a_worktree_has_a_commit_of_its_own(real: Path, tmp_path: Path) -> None:
    git(real, "worktree", "add", "--quiet", "-b", "second", str(tmp_path / "worktree"))
    git(tmp_path / "worktree", "commit", "--quiet", "--allow-empty", "-m", "second")
    found = commit_of(tmp_path / "worktree")
    assert found == Commit(git(tmp_path / "worktree", "rev-parse", "HEAD"), "second")
    assert found != commit_of(real)


@git_installed
def test_a_detached_head_is_on_no_branch(real: Path) -> None:
    git(real, "checkout", "--quiet", "--detach")
    assert commit_of(real) == Commit(git(real, "rev-parse", "HEAD"), None)


@git_installed
def test_a_repository_without_a_commit_has_none(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    assert commit_of(tmp_path) is None


def test_the_nearest_folder_above_with_a_repository_counts(tree: Path) -> None:
    (tree / "src" / "models").mkdir(parents=True)
    (tree / "src" / ".git").mkdir()  # empty, so it is no repository
    assert commit_of(tree / "src" / "models") == Commit(ID, "main")


def test_a_repository_without_a_commit_does_not_have_that_of_the_one_around_it(tree: Path) -> None:
    write(tree / "inner" / ".git" / "HEAD", "ref: refs/heads/main\n")
    assert commit_of(tree / "inner") is None


def test_a_submodule_is_followed_to_where_it_is_kept(tree: Path) -> None:
    write(tree / "library" / ".git", "gitdir: ../.git/modules/library\n")
    write(tree / ".git" / "modules" / "library" / "HEAD", f"{OTHER_ID}\n")
    assert commit_of(tree / "library") == Commit(OTHER_ID, None)


def test_a_folder_that_is_linked_from_elsewhere_is_found_where_it_is(tree: Path) -> None:
    write(tree / "code" / ".git" / "HEAD", OTHER_ID)
    (tree / "code" / "src").mkdir()
    (tree / "link").symlink_to(tree / "code" / "src")
    assert commit_of(tree / "link") == Commit(OTHER_ID, None)


def test_a_branch_that_stands_for_another_is_followed(tree: Path) -> None:
    write(tree / ".git" / "refs" / "heads" / "main", "ref: refs/heads/trunk\n")
    write(tree / ".git" / "refs" / "heads" / "trunk", OTHER_ID)
    assert commit_of(tree) == Commit(OTHER_ID, "main")


def test_branches_that_stand_for_each_other_have_no_commit(tree: Path) -> None:
    write(tree / ".git" / "refs" / "heads" / "main", "ref: refs/heads/trunk\n")
    write(tree / ".git" / "refs" / "heads" / "trunk", "ref: refs/heads/main\n")
    assert commit_of(tree) is None


def test_a_commit_named_by_sha256_is_found(tree: Path) -> None:
    write(tree / ".git" / "HEAD", "ab" * 32)
    assert commit_of(tree) == Commit("ab" * 32, None)


def test_a_branch_beyond_what_is_read_of_the_packed_ones_has_no_commit(tree: Path) -> None:
    (tree / ".git" / "refs" / "heads" / "main").unlink()
    others = "".join(f"{OTHER_ID} refs/heads/{number:06}\n" for number in range(20_000))
    write(tree / ".git" / "packed-refs", f"{others}{ID} refs/heads/zebra\n")
    write(tree / ".git" / "HEAD", "ref: refs/heads/zebra\n")
    assert commit_of(tree) is None


@pytest.mark.parametrize("name", ["../secret", "refs/heads/../../../secret", "/secret", "refs", ""])
def test_a_reference_leads_nowhere_out_of_the_repository(tree: Path, name: str) -> None:
    write(tree / "secret", ID)
    write(tree / ".git" / "HEAD", f"ref: {name}\n")
    assert commit_of(tree) is None


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(tree: Path) -> None:
    (tree / ".git" / "refs" / "heads" / "main").unlink()
    os.mkfifo(tree / ".git" / "refs" / "heads" / "main")
    assert commit_of(tree) is None


def test_a_folder_that_is_not_there_has_no_commit(tmp_path: Path) -> None:
    assert commit_of(tmp_path / "nowhere") is None
    assert commit_of("a\0b") is None


@given(head=st.binary(max_size=200), link=st.binary(max_size=200), packed=st.binary(max_size=200))
def test_whatever_the_files_hold_nothing_is_raised(
    tmp_path_factory: pytest.TempPathFactory, head: bytes, link: bytes, packed: bytes
) -> None:
    tree = tmp_path_factory.mktemp("tree")
    (tree / ".git").mkdir()
    (tree / ".git" / "HEAD").write_bytes(b"ref: refs/" + head)
    (tree / ".git" / "packed-refs").write_bytes(packed)
    (tree / "linked").mkdir()
    (tree / "linked" / ".git").write_bytes(b"gitdir: " + link)
    assert {commit_of(tree), commit_of(tree / "linked")} == {None}
