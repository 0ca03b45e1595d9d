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
      {"certify", "MODEL.nog CERTIFICATE", "proves each line of a certificate again", certify_options, certify},
      {"run", "RECIPE [key=value ...] [--out DIR]", "all of the above in order; unchanged stages are skipped",
       run_options, run},
      {"report", "RUN_DIR | COMPARISON.json [--out FILE]",
       "one page for people: report.html, and MODEL_CARD.md of a run", report_options, report},
      {"compress", "RECIPE [key=value ...] [--out DIR] [--frontier]",
       "trains students of several shapes and finds the best within a budget; resumable", compress_options, compress},
      {"compare", "OLD.nog NEW.nog --data ROWS", "better, equivalent, worse or cannot tell: may the new one ship?",
       compare_options, compare},
      {"key", "new | show | sign FILE", "keys and signatures that the tool minisign reads, too", key_options, key},
      {"publish", "MODEL.nog FOLDER --key FILE", "signs a model into a folder that devices take updates from",
       publish_options, publish_verb},
      {"nightly", "RECIPE [key=value ...] --shipped DIR",
       "new rows in, a student, its comparison with what is shipped, a decision; resumable", nightly_options, nightly},
      {"predict", "MODEL.nog", "text lines on stdin -> answers on stdout", predict_options, predict},
      {"drift", "MODEL.nog COUNTERS... [--recipe RECIPE]",
       "whether devices see and answer what the model was judged on", drift_options, drift},
      {"inspect", "FILE [--rows N]", "what is in a log, shard, checkpoint, .nog or .onnx", inspect_options, inspect},
      {"doctor", "", "versions, instruction sets, GPU, disk: what to paste into a bug report", doctor_options, doctor},
  };
  return table;
}

}  // namespace noggin::tool
