# SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
# Whether pictures can be read and written as PNG files (JACOBI_HAS_PNG). All that is shipped can; the command line on a
# machine without libpng (see the preset `device`) measures, trains and tests itself without (core/io/withoutpng.cpp).
set(JACOBI_PNG ON CACHE STRING "ON: an error where libpng is not found; AUTO: no PNG files then; OFF")
set_property(CACHE JACOBI_PNG PROPERTY STRINGS ON AUTO OFF)
set(JACOBI_HAS_PNG FALSE)
if(JACOBI_PNG STREQUAL "ON" OR JACOBI_BUILD_STUDIO OR JACOBI_BUILD_FUZZ)
  find_package(PNG REQUIRED)
  set(JACOBI_HAS_PNG TRUE)
elseif(JACOBI_PNG STREQUAL "AUTO")
  find_package(PNG)
  set(JACOBI_HAS_PNG ${PNG_FOUND})
endif()
if(NOT JACOBI_HAS_PNG)
  message(STATUS "libpng is not used: `jacobi` will neither read nor write PNG files")
endif()
