// The verb table: one row per `noggin VERB`. A verb only wires arguments to the folder that owns the work.
#pragma once

#include <string>
#include <vector>

#include "train/cli/arguments.h"
#include "train/cli/console.h"
#include "train/run/failure.h"

namespace noggin::tool {

using Options = boost::program_options::options_description;

struct Verb {
  std::string name;
  std::string synopsis;  // "RECIPE [key=value ...] [--out DIR]"
  std::string summary;
  Options (*options)();
  train::ExitCode (*run)(const Arguments&, Console&);  // may throw train::Failure and std::exception
};

const std::vector<Verb>& verbs();

// What each verb_*.cpp contributes to the table.
Options init_options();
train::ExitCode init(const Arguments&, Console&);
Options check_options();
train::ExitCode check(const Arguments&, Console&);
Options assess_options();
train::ExitCode assess_verb(const Arguments&, Console&);
Options ingest_options();
train::ExitCode ingest(const Arguments&, Console&);
Options train_options();
train::ExitCode train_verb(const Arguments&, Console&);
Options eval_options();
train::ExitCode eval(const Arguments&, Console&);
Options export_options();
train::ExitCode export_verb(const Arguments&, Console&);
Options verify_options();
train::ExitCode verify(const Arguments&, Console&);
Options certify_options();
train::ExitCode certify(const Arguments&, Console&);
Options drift_options();
train::ExitCode drift(const Arguments&, Console&);
Options run_options();
train::ExitCode run(const Arguments&, Console&);
Options compress_options();
train::ExitCode compress(const Arguments&, Console&);
Options nightly_options();
train::ExitCode nightly(const Arguments&, Console&);
Options compare_options();
train::ExitCode compare(const Arguments&, Console&);
Options key_options();
train::ExitCode key(const Arguments&, Console&);
Options publish_options();
train::ExitCode publish_verb(const Arguments&, Console&);
Options report_options();
train::ExitCode report(const Arguments&, Console&);
Options predict_options();
train::ExitCode predict(const Arguments&, Console&);
Options inspect_options();
train::ExitCode inspect(const Arguments&, Console&);
Options doctor_options();
train::ExitCode doctor(const Arguments&, Console&);

}  // namespace noggin::tool
