#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "octavo/sweep.h"

namespace octavo {
namespace {

constexpr double kLeft = 70;
constexpr double kTop = 50;
constexpr double kPlotWidth = 520;
constexpr double kPlotHeight = 380;
constexpr double kLegendLeft = kLeft + kPlotWidth + 40;
constexpr double kLegendLine = 18;
constexpr double kAlwaysShown = 1.5;  // of the float model's latency
constexpr std::string_view kFrontColour = "#c2410c";
constexpr std::string_view kOtherColour = "#94a3b8";
constexpr std::string_view kInk = "#1e293b";

struct Point {
  double x = 0;
  double y = 0;
  double size = 0;  // of the float model's
  const SweepRow* row = nullptr;
};

// Ticks at 1, 2 or 5 times a power of ten, four to nine of them.
struct Scale {
  double first = 0;
  double last = 1;
  double step = 1;

  Scale(double low, double high) {
    const double span = std::max(high - low, 1e-6);
    const double power = std::pow(10, std::floor(std::log10(span / 4)));
    const double rough = span / 4 / power;
    step = power * (rough >= 5 ? 5 : rough >= 2 ? 2 : 1);
    first = std::floor(low / step) * step;
    last = std::ceil(high / step) * step;
    if (last <= first) last = first + step;
  }
  double share(double value) const { return (value - first) / (last - first); }
};

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    result += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : std::string(1, c);
  }
  return result;
}

std::string text_at(double x, double y, std::string_view anchor, const std::string& text,
                    std::string_view more = "") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" {}>{}</text>\n", x, y,
                     anchor, more, escaped(text));
}

bool is_timed(const SweepReport& report) {
  return report.float_row.evaluation.latency_ratio.has_value();
}

double quality(const ModelEvaluation& evaluation, const SweepReport& report) {
  const auto value = evaluation.metric(report.metric);
  if (value) return open_metric(report.metric)->is_share() ? 100 * *value : *value;
  return std::numeric_limits<double>::quiet_NaN();
}

std::vector<Point> points_of(const SweepReport& report) {
  std::vector<Point> points;
  const auto bytes = static_cast<double>(report.float_row.evaluation.file_bytes);
  const auto add = [&](const SweepRow& row) {
    Point point;
    point.row = &row;
    point.size = static_cast<double>(row.evaluation.file_bytes) / bytes;
    point.x = is_timed(report) ? row.evaluation.latency_ratio.value_or(1) : point.size;
    point.y = quality(row.evaluation, report);
    if (row.unsupported.empty() && std::isfinite(point.y)) points.push_back(point);
  };
  add(report.float_row);
  for (const SweepRow& row : report.rows) add(row);
  return points;
}

class Picture {
 public:
  Picture(const SweepReport& report, std::vector<Point> points)
      : report_(report),
        points_(std::move(points)),
        x_(0, right_end(points_)),
        y_(extreme(points_, &Point::y, false), extreme(points_, &Point::y, true)) {}

  std::string draw() {
    std::string body = axes();
    for (const Point& point : points_) {
      beyond_ += point.x > x_.last ? 1 : 0;
      if (!point.row->on_front && point.x <= x_.last) body += circle(point, kOtherColour);
      if (point.row->values.empty())
        body += text_at(left(point) + 14, top(point) + 4, "start", "float");
    }
    body += front();
    if (beyond_ > 0) {
      body += text_at(kLeft + kPlotWidth, kTop - 6, "end",
                      fmt::format("{} slower ones lie beyond the right edge", beyond_));
    }
    const double height =
        std::max(kTop + kPlotHeight + 60, kTop + kLegendLine * (legend_lines_ + 3));
    return fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
        "viewBox=\"0 0 {0:.0f} {1:.0f}\" font-family=\"sans-serif\" font-size=\"12\" "
        "fill=\"{2}\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n{3}</svg>\n",
        kLegendLeft + 470, height, kInk, body);
  }

 private:
  static double extreme(const std::vector<Point>& points, double Point::* member, bool highest) {
    double found = points.front().*member;
    for (const Point& point : points) {
      found = highest ? std::max(found, point.*member) : std::min(found, point.*member);
    }
    return found;
  }

  // Recipes that the runtime has no kernels for run many times slower: they would squeeze the rest
  // into a corner.
  static double right_end(const std::vector<Point>& points) {
    double farthest = kAlwaysShown;
    for (const Point& point : points) {
      if (point.row->on_front) farthest = std::max(farthest, point.x);
    }
    return std::min(farthest, extreme(points, &Point::x, true));
  }

  double left(const Point& point) const { return kLeft + kPlotWidth * x_.share(point.x); }
  double top(const Point& point) const { return kTop + kPlotHeight * (1 - y_.share(point.y)); }

  // The area is the file's size.
  std::string circle(const Point& point, std::string_view colour) const {
    return fmt::format(
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\" fill=\"{}\" fill-opacity=\"0.75\" "
        "stroke=\"white\"/>\n",
        left(point), top(point), 10 * std::sqrt(point.size), colour);
  }

  std::string axes() const {
    std::string text = text_at(kLeft, 26, "start",
                               fmt::format("{} samples, {}; a circle's area is the file's size",
                                           report_.samples, report_.runtime));
    for (double tick = x_.first; tick <= x_.last + x_.step / 2; tick += x_.step) {
      const double x = kLeft + kPlotWidth * x_.share(tick);
      text += fmt::format("<path d=\"M{0:.1f} {1:.1f}V{2:.1f}\" stroke=\"#e2e8f0\"/>\n", x, kTop,
                          kTop + kPlotHeight);
      text += text_at(x, kTop + kPlotHeight + 18, "middle", fmt::format("{:.4g}", tick));
    }
    for (double tick = y_.first; tick <= y_.last + y_.step / 2; tick += y_.step) {
      const double y = kTop + kPlotHeight * (1 - y_.share(tick));
      text += fmt::format("<path d=\"M{0:.1f} {1:.1f}H{2:.1f}\" stroke=\"#e2e8f0\"/>\n", kLeft, y,
                          kLeft + kPlotWidth);
      text += text_at(kLeft - 8, y + 4, "end", fmt::format("{:.4g}", tick));
    }
    const auto metric = open_metric(report_.metric);
    text +=
        text_at(kLeft + kPlotWidth / 2, kTop + kPlotHeight + 42, "middle",
                is_timed(report_) ? "latency, of the float model's" : "size, of the float model's");
    const std::string unit = metric->unit.empty() ? "" : ", " + metric->unit;
    text += text_at(20, kTop + kPlotHeight / 2, "middle", metric->name + unit,
                    fmt::format("transform=\"rotate(-90 20 {:.1f})\"", kTop + kPlotHeight / 2));
    return text;
  }

  // Numbered on the plot, named beside it, the fastest first.
  std::string front() {
    std::vector<Point> front;
    std::copy_if(points_.begin(), points_.end(), std::back_inserter(front),
                 [](const Point& point) { return point.row->on_front; });
    std::sort(front.begin(), front.end(), [](const Point& a, const Point& b) { return a.x < b.x; });
    std::string text = text_at(kLegendLeft, kTop + 4, "start",
                               "Pareto front: accuracy, latency, size", "font-weight=\"bold\"");
    for (const Point& point : front) {
      ++legend_lines_;
      text += circle(point, kFrontColour);
      text += text_at(left(point), top(point) - 12, "middle", fmt::to_string(legend_lines_),
                      "font-weight=\"bold\"");
      text += text_at(kLegendLeft, kTop + 8 + kLegendLine * legend_lines_, "start", entry(point));
    }
    return text;
  }

  std::string name_of(const SweepRow& row) const {
    if (row.values.empty()) return "float";
    std::string name;
    for (const std::size_t axis : varied_axes(report_)) name += " " + row.values[axis];
    return name;
  }

  std::string entry(const Point& point) const {
    return fmt::format("{}: {:.2f} at {:.2f} x, size {:.3f}: {}", legend_lines_, point.y, point.x,
                       point.size, name_of(*point.row));
  }

  const SweepReport& report_;
  std::vector<Point> points_;
  Scale x_;
  Scale y_;
  int legend_lines_ = 0;
  int beyond_ = 0;
};

}  // namespace

std::string to_svg(const SweepReport& report) {
  std::vector<Point> points = report.metric.empty() ? std::vector<Point>() : points_of(report);
  if (points.empty()) {
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"300\" height=\"40\">"
           "<text x=\"10\" y=\"25\">no recipe has an outcome</text></svg>\n";
  }
  return Picture(report, std::move(points)).draw();
}

}  // namespace octavo
