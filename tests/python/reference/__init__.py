"""What a body means, written a second time from the specification alone.

`event_of` computes what the library must give and shares no line with it: it
follows docs/events.md, rule by rule, in plain Python. tools/make_vectors takes
its expectations from here, and test_reference.py holds the library to it for
bodies that nobody thought of.
"""

from .event import event_of

__all__ = ["event_of"]
