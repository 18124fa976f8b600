# SPDX-License-Identifier: Apache-2.0
if(LIVE_SANITIZE)
  add_compile_options(-fsanitize=${LIVE_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${LIVE_SANITIZE})
endif()
