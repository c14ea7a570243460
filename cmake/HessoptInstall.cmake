# cmake --install for C++ users: headers and sources, of which find_package(hessopt) makes a library
# in their own build, at the level that they choose -> hessopt::hessopt.
include(CMakePackageConfigHelpers)
set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/hessopt)
set(source_dir ${CMAKE_INSTALL_DATADIR}/hessopt)
if(SKBUILD)
  # Inside a wheel the tree is laid out the same on every platform.
  set(config_dir lib/cmake/hessopt)
  set(source_dir share/hessopt)
endif()
install(DIRECTORY cpp/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY cpp/src cpp/kernels DESTINATION ${source_dir})
set(include_dir ${CMAKE_INSTALL_INCLUDEDIR})
configure_package_config_file(cmake/hessoptConfig.cmake.in hessoptConfig.cmake
  INSTALL_DESTINATION ${config_dir} PATH_VARS include_dir source_dir)
write_basic_package_version_file(hessoptConfigVersion.cmake
  COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES
  ${CMAKE_CURRENT_BINARY_DIR}/hessoptConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/hessoptConfigVersion.cmake
  cmake/HessoptEigen.cmake
  cmake/HessoptLibrary.cmake
  cmake/HessoptSources.cmake
  DESTINATION ${config_dir})
