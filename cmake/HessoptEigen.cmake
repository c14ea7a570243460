# Eigen comes from the build requirement cmeel-eigen, whose prefix lies under the site-packages that
# scikit-build-core puts on the search path; -DEigen3_DIR= names another copy. Eigen's version files
# before 5 do not take ranges across majors, so 3.4 is tried first and then 5.
set(_hessopt_eigen CONFIG QUIET PATH_SUFFIXES cmeel.prefix/share/eigen3/cmake)
find_package(Eigen3 3.4 ${_hessopt_eigen})
if(NOT Eigen3_FOUND)
  find_package(Eigen3 5 ${_hessopt_eigen})
endif()
if(NOT Eigen3_FOUND)
  message(FATAL_ERROR "hessopt needs Eigen 3.4 or newer: pip install cmeel-eigen==3.4.1 and put its "
    "site-packages on CMAKE_PREFIX_PATH, or pass -DEigen3_DIR=<folder of Eigen3Config.cmake>")
endif()
unset(_hessopt_eigen)
