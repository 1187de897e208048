from threading import Thread

from trainmon.latest import Latest


def test_a_value_that_nobody_took_gives_way_to_the_next() -> None:
    latest = Latest[str]()
    latest.put("old")
    latest.put("new")
    assert latest.take() == "new"


def test_nothing_comes_out_twice() -> None:
    latest = Latest[int]()
    latest.put(1)
    assert (latest.take(), latest.take()) == (1, None)


def test_a_reader_that_waits_gets_what_another_thread_puts() -> None:
    latest = Latest[int]()
    writer = Thread(target=latest.put, args=(7,))
    writer.start()
    assert latest.take(timeout=10.0) == 7
    writer.join()
