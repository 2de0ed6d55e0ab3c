#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/recipe_flags.h"
#include "cli/repair_text.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "cli/trainer_program.h"
#include "octavo/dataset.h"
#include "octavo/error.h"
#include "octavo/quantize.h"
#include "pipeline/evidence.h"
#include "pipeline/trained_tensors.h"
#include "ranks/ranks.h"
#include "report/run_folder.h"
#include "train/training_task.h"

namespace octavo::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string model;
  std::string calibration;
  std::string training;
  std::string validation;
  std::string run;
  std::string output;
  std::string schedule;
  std::string launcher;
  bool resume = false;
  bool stays_float = false;
  RecipeFlags flags;
  // What flags say of the training, in their order; they go before the file.
  std::vector<std::pair<const TrainingFigure*, double>> figures;
  std::vector<std::pair<const TrainingWord*, std::string>> words;
};

TrainingOptions training_options(const Options& options) {
  TrainingOptions training;
  if (!options.schedule.empty()) {
    read_training_options(Config::read(options.schedule), training);
  }
  for (const auto& [figure, value] : options.figures) {
    if (figure->count != nullptr) {
      training.*figure->count = static_cast<std::int64_t>(value);
    } else {
      training.*figure->share = value;
    }
  }
  for (const auto& [word, value] : options.words) training.*word->word = value;
  training.threads = options.flags.threads;
  check(training);
  return training;
}

// What an earlier training left: another task must not go on from it.
void clear(const fs::path& folder) {
  for (const char* file : {kTaskFile, kCheckpoint, kTrainingLog, kTrainedModel}) {
    fs::remove(folder / file);
  }
}

std::string absolute_or_empty(const std::string& path) {
  return path.empty() ? path : fs::absolute(path).lexically_normal().string();
}

// What can be refused is refused before any work. The operators of the prepared model are those
// that are trained; what is missing in the task is found out later.
void require_trainable(const Model& prepared, const TrainingTask& task, const fs::path& trainer,
                       const fs::path& folder) {
  write_model(prepared, folder / kFloatModel);
  write_training_task(task, folder);
  run_trainer({trainer.string(), "--check", folder.string()});
}

// start.onnx and what it takes to train it.
void prepare_quantized(const Options& options, const Model& model,
                       QuantizeOptions& quantize_options, TrainingTask& task) {
  const fs::path folder = options.run;
  const auto calibration = open_dataset(options.calibration, model.inputs());
  // Training starts from the best that can be had without it.
  add_usual_repair(options.flags, calibration.get(), "adaround", quantize_options);
  quantize_options.explain = [&](const Evidence& evidence) {
    write_model(evidence.prepared, folder / kFloatModel);
    task.weights = trained_weights(evidence.plan);
    task.activations = trained_activations(evidence.plan, evidence.placement);
  };
  QuantizeResult result;
  {
    Progress progress("calibrating");
    quantize_options.progress = [&](std::size_t done, std::size_t total) {
      progress.update(done, total);
    };
    result = quantize_model(model, *calibration, quantize_options);
  }
  if (task.weights.empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                "no weight of the quantized model is stored as codes: there is nothing to "
                "fine-tune; --coverage widest quantizes all that the target can");
  }
  print_repairs(result.repairs);
  for (const std::string& warning : result.warnings) fmt::print(stderr, "warning: {}\n", warning);
  write_model(result.model, folder / kStartModel);
}

void prepare_folder(const Options& options, const fs::path& trainer, RunFolder& run) {
  const fs::path folder = options.run;
  TrainingTask task{absolute_or_empty(options.training),
                    absolute_or_empty(options.validation),
                    {},
                    {},
                    training_options(options)};
  clear(folder);
  run.begin_stage("read");
  const Model model = read_model(options.model);
  QuantizeOptions quantize_options = to_options(options.flags);
  quantize_options.stage = [&run](std::string_view name) { run.begin_stage(name); };
  const Model prepared = calibration_task(model, quantize_options).model;
  require_trainable(prepared, task, trainer, folder);
  if (options.stays_float) {
    write_model(prepared, folder / kStartModel);
  } else {
    prepare_quantized(options, model, quantize_options, task);
  }
  write_training_task(task, folder);
}

// "mpirun -n 2" becomes three words before the trainer's own.
std::vector<std::string> training_command(const Options& options, const fs::path& trainer) {
  std::vector<std::string> command;
  std::istringstream launcher(options.launcher);
  for (std::string word; launcher >> word;) command.push_back(word);
  command.push_back(trainer.string());
  command.push_back(options.run);
  return command;
}

void run_into(RunFolder& run, const Options& options) {
  const fs::path trainer = trainer_program();
  const fs::path folder = options.run;
  if (!options.resume) prepare_folder(options, trainer, run);
  run.begin_stage("train");
  run_trainer(training_command(options, trainer));
  fs::path result = folder / kTrainedModel;
  if (!options.output.empty()) {
    write_model(read_model(result), options.output);
    result = options.output;
  }
  fmt::print("{} -> {}\nNext: octavo evaluate {} {} {} --evaluation DATA\n      octavo report {}\n",
             options.model, result.string(), options.model, (folder / kStartModel).string(),
             result.string(), options.run);
}

RunDescription description(const Options& options, const std::vector<std::string>& command) {
  return {.command = command,
          .octavo_version = OCTAVO_VERSION,
          .target = options.flags.target,
          .model = options.model,
          .data = {{"calibration", options.calibration},
                   {"training", options.training},
                   {"validation", options.validation}}};
}

void run(const Options& options, const std::vector<std::string>& command) {
  if (has_launcher()) {
    throw Error(ErrorCode::kInvalidArgument,
                "started by an MPI launcher; start `octavo finetune` once and let it launch the "
                "training: --launcher 'mpirun -n 4'");
  }
  RunFolder folder = options.resume ? RunFolder::reopened(options.run)
                                    : RunFolder(options.run, description(options, command));
  folder.record([&] { run_into(folder, options); });
}

void add_training_flags(CLI::App& verb, const std::shared_ptr<Options>& options) {
  const TrainingOptions defaults;
  for (const TrainingFigure& figure : training_figures()) {
    if (figure.name == "threads") continue;  // one flag for all that runs
    const double value = figure.count != nullptr ? static_cast<double>(defaults.*figure.count)
                                                 : defaults.*figure.share;
    const auto put = [options, &figure](const double& given) {
      options->figures.emplace_back(&figure, given);
    };
    verb.add_option_function<double>(flag_of(figure.name), put, std::string(figure.help))
        ->default_str(fmt::format("{:g}", value))
        ->group("Training");
  }
  for (const TrainingWord& word : training_words()) {
    const auto put = [options, &word](const std::string& given) {
      options->words.emplace_back(&word, given);
    };
    verb.add_option_function<std::string>(flag_of(word.name), put, std::string(word.help))
        ->default_str(defaults.*word.word)
        ->group("Training");
  }
}

}  // namespace

void setup_finetune(CLI::App& app, const std::vector<std::string>& command) {
  auto options = std::make_shared<Options>();
  // The same on every machine: what is trained must not depend on how fast this one is.
  options->flags.coverage = "widest";
  CLI::App* verb = app.add_subcommand(
      "finetune", "Train a quantized model, so that it gets back what quantization took");
  verb->footer(
      "Example:\n  octavo finetune model.onnx --calibration images/ --training labelled/ "
      "--run run/ -o model.int8.onnx\n"
      "  octavo finetune model.onnx --run run/ --resume -o model.int8.onnx");
  verb->add_option("model", options->model, "The float ONNX model")->required();
  auto* calibration = verb->add_option("--calibration", options->calibration,
                                       "Inputs to calibrate on, as `octavo quantize` takes them");
  auto* training = verb->add_option("--training", options->training,
                                    "Samples to train on, with or without labels: .npz, image "
                                    "folder, test_data_set folder, or .yaml recipe");
  verb->add_option("--validation", options->validation,
                   "Samples to judge the training on [a part of the training data is kept aside]");
  verb->add_option("--run", options->run,
                   "Folder for what the training starts from, its log and its checkpoints")
      ->required();
  verb->add_option("-o,--output", options->output,
                   "Where the fine-tuned model goes [RUN/trained.onnx]");
  verb->add_option("--schedule", options->schedule,
                   "YAML with figures of the training; flags go before it");
  verb->add_option("--repair", options->flags.repair, repair_help("adaround"));
  verb->add_option(
      "--launcher", options->launcher,
      "What starts the training as several processes, which share each step's samples: "
      "'mpirun -n 4'; --batch is of each. Takes an octavo-train built with MPI");
  verb->add_flag("--float", options->stays_float,
                 "Quantize nothing: the same training of the float model, to see what of a result "
                 "is not quantization's")
      ->excludes(calibration);
  auto* resume =
      verb->add_flag("--resume", options->resume, "Go on with the training that --run holds");
  resume->excludes(calibration)->excludes(training);
  add_recipe_flags(*verb, options->flags);
  add_training_flags(*verb, options);
  verb->callback([options, command] {
    const bool needs_calibration = !options->resume && !options->stays_float;
    if (needs_calibration && options->calibration.empty()) {
      throw CLI::RequiredError("--calibration");
    }
    if (!options->resume && options->training.empty()) throw CLI::RequiredError("--training");
    run(*options, command);
  });
}

}  // namespace octavo::cli
