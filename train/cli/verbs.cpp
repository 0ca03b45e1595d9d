#include "train/cli/verbs.h"

namespace noggin::tool {

const std::vector<Verb>& verbs() {
  static const std::vector<Verb> table = {
      {"init", "[--demo | --from LOG...] DIR", "writes a commented recipe: for given logs, or with a small data set",
       init_options, init},
      {"check", "RECIPE [key=value ...]", "checks everything that can be checked without training", check_options,
       check},
      {"assess", "RECIPE | --from LOG... [key=value ...]", "whether a job belongs on the device, before any training",
       assess_options, assess_verb},
      {"ingest", "RECIPE [key=value ...] [--out DIR]", "logs and data sets -> checked shards", ingest_options, ingest},
      {"train", "RECIPE [key=value ...] [--out DIR]", "runs the recipe's phases; resumable", train_options, train_verb},
      {"eval", "RUN_DIR | CHECKPOINT | MODEL.nog", "accuracy with confidence intervals", eval_options, eval},
      {"export", "RUN_DIR", "finished student -> model.nog and model.onnx, or a Hugging Face folder", export_options,
       export_verb},
      {"verify", "MODEL.nog", "runs the same rows through every target; gates decide the exit code", verify_options,
       verify},
      {"run", "RECIPE [key=value ...] [--out DIR]", "all of the above in order; unchanged stages are skipped",
       run_options, run},
      {"compress", "RECIPE [key=value ...] [--out DIR] [--frontier]",
       "trains students of several shapes and finds the best within a budget; resumable", compress_options, compress},
      {"predict", "MODEL.nog", "text lines on stdin -> answers on stdout", predict_options, predict},
      {"inspect", "FILE [--rows N]", "what is in a log, shard, checkpoint, .nog or .onnx", inspect_options, inspect},
      {"doctor", "", "versions, instruction sets, GPU, disk: what to paste into a bug report", doctor_options, doctor},
  };
  return table;
}

}  // namespace noggin::tool
