# SPDX-License-Identifier: Apache-2.0
if(LIVE_SANITIZE)
  add_compile_options(-fsanitize=${LIVE_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${LIVE_SANITIZE})
endif()
if(LIVE_BUILD_FUZZERS)
  # Without "function": clang 14 puts coroutines in sections of their own and can't check them.
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=function -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
