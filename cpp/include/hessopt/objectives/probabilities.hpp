// Probabilities of classes of some rows, in columns.
#pragma once

#include "hessopt/core/types.hpp"
#include "hessopt/kernels/table.hpp"

namespace hessopt {

// A column per class, and the difference to one of the largest, to all its digits. There is room
// for whole chunks of rows.
struct Probabilities {
  Matrix each;
  Array top;   // class of the largest
  Array rest;  // the sum of the others
  Array loss;  // log sum_k e^{eta_k - eta_y}

  void make_room(Index rows, Index classes) {
    const Index room = rows + kernels::chunk_rows;
    if (top.size() >= room && each.cols() == classes) return;
    each = Matrix::Zero(room, classes);
    top = rest = loss = Array::Zero(room);
  }

  // Some of the rows, as kernels know them.
  kernels::SoftmaxRows some(Index at, Index count) {
    return {count, each.cols(), &each(at, 0), each.rows(), &top[at], &rest[at], &loss[at]};
  }
};

}  // namespace hessopt
