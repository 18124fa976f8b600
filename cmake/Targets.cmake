# SPDX-License-Identifier: Apache-2.0
include(GoogleTest)

add_library(live_options INTERFACE)
target_include_directories(live_options INTERFACE ${CMAKE_SOURCE_DIR}/lib ${CMAKE_SOURCE_DIR})
target_link_libraries(live_options INTERFACE live_warnings Threads::Threads)
# Unused functions and unused libraries would only make the image larger.
target_compile_options(live_options INTERFACE -ffunction-sections -fdata-sections)
target_link_options(live_options INTERFACE -Wl,--as-needed -Wl,--gc-sections)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # Boost 1.74 does not know that clang 14 has coroutines.
  target_compile_definitions(live_options INTERFACE BOOST_ASIO_HAS_CO_AWAIT=1 BOOST_ASIO_HAS_STD_COROUTINE=1)
endif()

# live_library(NAME SOURCES ... LINKS ... PRIVATE_LINKS ...): a static library.
function(live_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC live_options ${ARG_LINKS} PRIVATE ${ARG_PRIVATE_LINKS})
endfunction()

# live_program(NAME SOURCES ... LINKS ...): an executable in <build>/bin.
function(live_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE live_options ${ARG_LINKS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

# live_test(NAME SOURCES ... LINKS ... LABELS ...): a GoogleTest program whose tests ctest knows one by one.
function(live_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE live_options ${ARG_LINKS} GTest::gtest GTest::gmock GTest::gtest_main)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 raises false alarms inside std::vector where sizes are constants, as tests have them.
    target_compile_options(${name} PRIVATE -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread -Wno-restrict)
  endif()
  target_compile_definitions(${name} PRIVATE LIVE_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  if(LIVE_SHARED_DATA)
    target_compile_definitions(${name} PRIVATE LIVE_SHARED_DATA="${LIVE_SHARED_DATA}")
  endif()
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  gtest_discover_tests(${name} TEST_PREFIX "${name}/" DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT 120)
endfunction()
