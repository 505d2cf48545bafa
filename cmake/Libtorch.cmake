# SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
# libtorch::cpu from an unpacked torch wheel or an installed libtorch: headers, libtorch_cpu, libc10 and the two small
# CUDA runtime libraries that libtorch_cpu names. torch's own CMake config is not used: it wants a whole CUDA toolkit.
set(JACOBI_TORCH_VERSION "2.11.0")
set(LIBTORCH_ROOT "" CACHE PATH "Folder with include/ and lib/ of libtorch ${JACOBI_TORCH_VERSION}")
if(NOT LIBTORCH_ROOT)
  set(_cache "$ENV{XDG_CACHE_HOME}")
  if(NOT _cache)
    set(_cache "$ENV{HOME}/.cache")
  endif()
  set(LIBTORCH_ROOT "${_cache}/jacobi-studio/libtorch-${JACOBI_TORCH_VERSION}" CACHE PATH "" FORCE)
endif()
if(NOT EXISTS "${LIBTORCH_ROOT}/include/ATen/ATen.h" OR NOT EXISTS "${LIBTORCH_ROOT}/lib/libtorch_cpu.so")
  message(FATAL_ERROR "libtorch ${JACOBI_TORCH_VERSION} was not found in ${LIBTORCH_ROOT}. "
                      "Run ./dev setup once, or give -DLIBTORCH_ROOT=FOLDER.")
endif()
file(READ "${LIBTORCH_ROOT}/include/torch/headeronly/version.h" _version LIMIT 4096)
string(REGEX MATCH "TORCH_VERSION_MAJOR ([0-9]+)" _ "${_version}")
set(_major ${CMAKE_MATCH_1})
string(REGEX MATCH "TORCH_VERSION_MINOR ([0-9]+)" _ "${_version}")
set(_found "${_major}.${CMAKE_MATCH_1}")
if(NOT JACOBI_TORCH_VERSION MATCHES "^${_found}\\.")
  message(FATAL_ERROR "${LIBTORCH_ROOT} holds libtorch ${_found}; this program is built for ${JACOBI_TORCH_VERSION}.")
endif()

add_library(libtorch_c10 SHARED IMPORTED)
set_target_properties(libtorch_c10 PROPERTIES IMPORTED_LOCATION "${LIBTORCH_ROOT}/lib/libc10.so")
add_library(libtorch_cpu SHARED IMPORTED)
set_target_properties(libtorch_cpu PROPERTIES IMPORTED_LOCATION "${LIBTORCH_ROOT}/lib/libtorch_cpu.so")
add_library(libtorch_targets INTERFACE)
add_library(libtorch::cpu ALIAS libtorch_targets)
target_include_directories(libtorch_targets SYSTEM INTERFACE
  "${LIBTORCH_ROOT}/include" "${LIBTORCH_ROOT}/include/torch/csrc/api/include")
target_link_libraries(libtorch_targets INTERFACE libtorch_cpu libtorch_c10)
# The two runtime libraries lie beside libtorch_cpu, whose own RPATH starts elsewhere but ends with $ORIGIN.
target_link_options(libtorch_targets INTERFACE "-Wl,-rpath-link,${LIBTORCH_ROOT}/lib")
# The wheel's libgomp serves both torch and our own OpenMP-free code; never link a second one.
