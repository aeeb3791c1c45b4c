// Counts what an audio thread must not do: memory, locks, and calls into the system.
#pragma once

namespace bandmate::traps {

// From here to `leave` this thread is an audio thread.
void enter();
void leave();
// How often a trap was hit since the start, by all audio threads, and by which call last.
unsigned hits();
const char* last();
// From here on the kernel ends the process at any system call of this thread but read, write and exit.
// False where the system does not offer that.
bool forbid_system_calls();

}  // namespace bandmate::traps
