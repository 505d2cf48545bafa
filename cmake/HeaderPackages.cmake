# SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
# nlohmann-json, tl-expected and CLI11 are headers only. On a machine without their packages (see the preset `device`)
# -DJACOBI_HEADERS=FOLDER names a folder holding nlohmann/json.hpp, tl/expected.hpp and CLI/CLI.hpp.
set(JACOBI_HEADERS "" CACHE PATH "Folder with nlohmann/, tl/ and CLI/, where they are not installed as packages")

# jacobi_header_package(PACKAGE VERSION TARGET HEADER): the package's imported target, or one made from JACOBI_HEADERS.
function(jacobi_header_package package version target header)
  if(JACOBI_HEADERS AND EXISTS "${JACOBI_HEADERS}/${header}")
    add_library(${target} INTERFACE IMPORTED GLOBAL)
    target_include_directories(${target} INTERFACE "${JACOBI_HEADERS}")
  else()
    find_package(${package} ${version} REQUIRED GLOBAL)
  endif()
endfunction()

jacobi_header_package(nlohmann_json 3.11 nlohmann_json::nlohmann_json nlohmann/json.hpp)
jacobi_header_package(tl-expected "" tl::expected tl/expected.hpp)
jacobi_header_package(CLI11 2.1 CLI11::CLI11 CLI/CLI.hpp)
