// SPDX-License-Identifier: Apache-2.0
// Keeps the resident memory of a program that mostly waits at what it really uses.
#pragma once
#include <cstdint>

namespace live {

// First in main: one allocator arena, large blocks always by mmap so that they go back when freed.
void configure_allocator();

// Gives the pages of program text and read-only data back to the kernel; they come back from the page cache
// when touched (1-2 ms of CPU in all). Worth it after start-up and after each recording.
void give_back_text();

// VmRSS of this process in bytes; 0 when it can't be read.
std::uint64_t resident_bytes();

}  // namespace live
