"""The part of YAML that trainers write: block and flow collections of scalars.

Tags, such as those of Python objects, are read over; anchors and merge keys are followed.
"""

from trainmon.plain_yaml.blocks import mappings_in

__all__ = ["mappings_in"]
