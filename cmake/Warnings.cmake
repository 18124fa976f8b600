# SPDX-License-Identifier: Apache-2.0
add_library(live_warnings INTERFACE)
target_compile_options(live_warnings INTERFACE
  -Wall -Wextra -Werror -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual -Wunused)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False alarms on awaitable frames from -O1 on.
  target_compile_options(live_warnings INTERFACE -Wno-mismatched-new-delete)
endif()
