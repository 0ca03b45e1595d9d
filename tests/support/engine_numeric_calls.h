// Finds calls that round or that compute an elementary function in a line of C++ without comments and literals.
#pragma once

#include <cctype>
#include <regex>
#include <string>
#include <vector>

namespace noggin::test {

// Names as written, with the suffix f or l removed. What counts:
//   - a function of the C library, plain or std:: (std::exp, floorf). sqrt is correctly rounded everywhere: allowed.
//   - rounding in any spelling, also as a method or in another namespace (tensor.round(), torch::floor), because only
//     spec/quant.h may decide how a number becomes an integer;
//   - elementary functions of another namespace or as a method (torch::exp, array.log()) do not count: the trainer's
//     float arithmetic is ATen's and Eigen's.
inline std::vector<std::string> numeric_calls(const std::string& line) {
  static const std::string rounding =
      "rint|nearbyint|lrint|llrint|lround|llround|round|round_|floor|floor_|ceil|ceil_|trunc|trunc_";
  static const std::string elementary =
      "exp|exp2|exp10|expm1|log|log2|log10|log1p|pow|erf|erfc|tanh|sinh|cosh|asinh|acosh|atanh|sin|cos|tan|asin|acos|"
      "atan|atan2|cbrt|hypot|fma|tgamma|lgamma";
  static const std::regex call("(::|\\.|->)?\\b(" + rounding + "|" + elementary + ")([fl]?)\\s*\\(");
  static const std::regex is_rounding(rounding);
  static const std::regex declares("(float|double|Tensor|string|auto)[&*]?\\s+$");  // float exp(float x);
  std::vector<std::string> found;
  if (line.find('(') == std::string::npos) return found;
  for (auto it = std::sregex_iterator(line.begin(), line.end(), call); it != std::sregex_iterator(); ++it) {
    const std::string qualifier = (*it)[1], name = (*it)[2];
    const std::string before = line.substr(0, static_cast<std::size_t>(it->position()));
    const bool global = before.empty() || std::isalnum(static_cast<unsigned char>(before.back())) == 0;
    const bool standard = qualifier.empty() || (qualifier == "::" && (global || before.ends_with("std")));
    if (qualifier.empty() && std::regex_search(before, declares)) continue;
    if (standard || std::regex_match(name, is_rounding)) found.push_back(name);
  }
  return found;
}

}  // namespace noggin::test
