#include "train/checkpoint.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <utility>

#include "data/npz.h"
#include "train/constants.h"

namespace octavo {
namespace {

using Arrays = std::map<std::string, Tensor>;

constexpr std::size_t kRecordNumbers = 7;
constexpr std::size_t kEvaluationNumbers = 3;

std::string entry(const std::string& folder, const std::string& name) {
  return fmt::format("{}/{}", folder, name);
}

void put(Arrays& arrays, const std::string& folder, const NamedTensors& tensors) {
  for (const auto& [name, tensor] : tensors) {
    arrays.emplace(entry(folder, name), from_torch(tensor));
  }
}

NamedTensors take(const Npz& file, const std::string& folder) {
  NamedTensors tensors;
  for (const std::string& name : file.names()) {
    if (!name.starts_with(entry(folder, ""))) continue;
    tensors.emplace(name.substr(folder.size() + 1), to_torch(file.read(name)));
  }
  return tensors;
}

Tensor table(const std::vector<double>& numbers, std::size_t columns) {
  const auto rows = static_cast<std::int64_t>(numbers.size() / columns);
  return Tensor::of<double>({rows, static_cast<std::int64_t>(columns)}, numbers);
}

Tensor records_table(const std::vector<TrainingRecord>& records) {
  std::vector<double> numbers;
  for (const TrainingRecord& record : records) {
    const auto& [step, epoch, loss, learning_rate, step_drift, gradient_norm, seconds] = record;
    for (const double number : {static_cast<double>(step), epoch, loss, learning_rate, step_drift,
                                gradient_norm, seconds}) {
      numbers.push_back(number);
    }
  }
  return table(numbers, kRecordNumbers);
}

Tensor evaluations_table(const std::vector<TrainingEvaluation>& evaluations) {
  std::vector<double> numbers;
  for (const TrainingEvaluation& evaluation : evaluations) {
    numbers.push_back(static_cast<double>(evaluation.step));
    numbers.push_back(evaluation.value);
    numbers.push_back(evaluation.loss);
  }
  return table(numbers, kEvaluationNumbers);
}

TrainingHistory history_of(const Npz& file) {
  TrainingHistory history;
  const Tensor records = file.read("records");
  for (std::size_t i = 0; i < records.size(); i += kRecordNumbers) {
    const auto row = records.as<double>().subspan(i, kRecordNumbers);
    history.records.push_back(
        {static_cast<std::int64_t>(row[0]), row[1], row[2], row[3], row[4], row[5], row[6]});
  }
  const Tensor evaluations = file.read("evaluations");
  for (std::size_t i = 0; i < evaluations.size(); i += kEvaluationNumbers) {
    const auto row = evaluations.as<double>().subspan(i, kEvaluationNumbers);
    history.evaluations.push_back({static_cast<std::int64_t>(row[0]), row[1], row[2]});
  }
  return history;
}

}  // namespace

void write_checkpoint(const Checkpoint& checkpoint, const std::filesystem::path& path) {
  Arrays arrays;
  put(arrays, "parameters", checkpoint.parameters);
  put(arrays, "momenta", checkpoint.momenta);
  put(arrays, "averages", checkpoint.averages);
  put(arrays, "best", checkpoint.best);
  arrays.emplace(
      "counts", Tensor::of<std::int64_t>({3}, {checkpoint.step, checkpoint.loss_count,
                                               std::bit_cast<std::int64_t>(checkpoint.task_hash)}));
  arrays.emplace("numbers", Tensor::of<double>({3}, {checkpoint.loss_sum, checkpoint.seconds,
                                                     checkpoint.longest_gradient}));
  arrays.emplace("records", records_table(checkpoint.history.records));
  arrays.emplace("evaluations", evaluations_table(checkpoint.history.evaluations));
  write_npz(path, arrays);
}

Checkpoint read_checkpoint(const std::filesystem::path& path) {
  const Npz file(path);
  Checkpoint checkpoint;
  checkpoint.parameters = take(file, "parameters");
  checkpoint.momenta = take(file, "momenta");
  checkpoint.averages = take(file, "averages");
  checkpoint.best = take(file, "best");
  const Tensor counts = file.read("counts");
  checkpoint.step = counts.as<std::int64_t>()[0];
  checkpoint.loss_count = counts.as<std::int64_t>()[1];
  checkpoint.task_hash = std::bit_cast<std::uint64_t>(counts.as<std::int64_t>()[2]);
  const Tensor numbers = file.read("numbers");
  checkpoint.loss_sum = numbers.as<double>()[0];
  checkpoint.seconds = numbers.as<double>()[1];
  checkpoint.longest_gradient = numbers.as<double>()[2];
  checkpoint.history = history_of(file);
  return checkpoint;
}

}  // namespace octavo
