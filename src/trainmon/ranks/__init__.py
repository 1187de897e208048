"""What rules across ranks read: the numbers of all ranks side by side, and whether they agree."""
