"""Commands: what `brand-mlm` runs; each module is one command or serves one.
Modules import heavy packages inside their functions, so that `brand-mlm --help` answers at once.

May import: every other room.
"""

from brandmlm.core.command_line import one_line_interrupts
from brandmlm.core.lifetime import end_with_starter

# Before a command is imported.
one_line_interrupts()
end_with_starter()
