"""What evaluations, batches and outputs come to: arrays in, the fields of an event out.

These modules import numpy at their top, so `Writer` imports them only when it is asked for one.
They read what they are given and never write to it: a tensor on the CPU shares its memory with the
array that is looked at.
"""
