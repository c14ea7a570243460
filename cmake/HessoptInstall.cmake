# cmake --install for C++ users: headers and find_package(hessopt) -> hessopt::hessopt.
include(CMakePackageConfigHelpers)
set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/hessopt)
if(SKBUILD)
  # Inside a wheel the tree is laid out the same on every platform.
  set(config_dir lib/cmake/hessopt)
endif()
install(DIRECTORY cpp/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS hessopt EXPORT hessoptTargets)
install(EXPORT hessoptTargets NAMESPACE hessopt:: DESTINATION ${config_dir})
configure_package_config_file(cmake/hessoptConfig.cmake.in hessoptConfig.cmake
  INSTALL_DESTINATION ${config_dir})
write_basic_package_version_file(hessoptConfigVersion.cmake
  COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES
  ${CMAKE_CURRENT_BINARY_DIR}/hessoptConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/hessoptConfigVersion.cmake
  cmake/HessoptEigen.cmake
  DESTINATION ${config_dir})
