// A function by reference: what is handed to loops that are compiled once. It must outlive the
// call.
#pragma once

#include <concepts>
#include <memory>
#include <type_traits>

namespace hessopt {

template <class Signature>
class FunctionRef;

template <class R, class... A>
class FunctionRef<R(A...)> {
 public:
  template <class F>
    requires(!std::same_as<std::remove_cvref_t<F>, FunctionRef> &&
             std::is_invocable_r_v<R, F&, A...>)
  FunctionRef(F&& f)
      : object_(const_cast<void*>(static_cast<const void*>(std::addressof(f)))),
        call_([](void* object, A... arguments) -> R {
          return (*static_cast<std::remove_reference_t<F>*>(object))(arguments...);
        }) {}

  R operator()(A... arguments) const { return call_(object_, arguments...); }

 private:
  void* object_;
  R (*call_)(void*, A...);
};

}  // namespace hessopt
