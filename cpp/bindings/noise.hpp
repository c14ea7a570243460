// The laws of the noise as Python hands them over: one of the classes of noise.cpp.
#pragma once

#include <pybind11/stl.h>

#include "hessopt/dropout/noise.hpp"
