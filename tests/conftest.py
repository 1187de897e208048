"""What holds for every test: the processes side by side are many enough, none needs more threads.

Two threads of a BLAS wait for each other by spinning. Where other processes want the same cores
too, a small training then takes ten times as long, and most of it is the spinning.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read by numpy's and torch's libraries as they load
