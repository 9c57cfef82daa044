// The soundness test of the prover, as a program. run.sh starts the server that it needs.
//   --seed N --cases N --policies N --schemas N --minutes M --verbose --statement-file F
#include <fmt/format.h>

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>

#include "analyzer/sql/lower.h"
#include "tests/differential/campaign.h"
#include "tests/differential/policy_campaign.h"

namespace tenantlint::differential {
namespace {

struct Options {
  CampaignOptions campaign;
  std::uint64_t policies = 5000;
  std::string statement_file;
  double minutes = 0;
};

std::uint64_t number(const char* text) {
  return std::stoull(text);
}

Options read_options(int argc, char** argv) {
  Options out;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--verbose") {
      out.campaign.verbose = true;
      continue;
    }
    if (i + 1 == argc) throw std::runtime_error("no value for " + name);
    const char* value = argv[++i];
    if (name == "--seed") {
      out.campaign.seed = number(value);
    } else if (name == "--cases") {
      out.campaign.cases = number(value);
    } else if (name == "--policies") {
      out.policies = number(value);
    } else if (name == "--schemas") {
      out.campaign.schemas = static_cast<int>(number(value));
    } else if (name == "--first-schema") {
      out.campaign.first_schema = static_cast<int>(number(value));
    } else if (name == "--minutes") {
      out.minutes = std::stod(value);
    } else if (name == "--failures") {
      out.campaign.max_failures = static_cast<int>(number(value));
    } else if (name == "--statement-file") {
      out.statement_file = value;
    } else {
      throw std::runtime_error("unknown option " + name);
    }
  }
  return out;
}

// A judge that believes everything has to be caught, or the test catches nothing.
bool catches_a_gullible_judge(Server& server, const CampaignOptions& options) {
  CampaignOptions few = options;
  few.cases = 300;
  few.schemas = 1;
  few.max_failures = 0;
  few.verbose = false;
  const Figures figures =
      run_statements(server, few, [](const SchemaPlan&) { return Judge(gullible_judge); });
  fmt::print("self-check: of {} statements, a judge that believes all is caught {} times\n",
             figures.statements, figures.unsound);
  std::fflush(stdout);
  return figures.unsound >= 10;
}

bool catches_a_gullible_policy_judge(Server& server, const CampaignOptions& options) {
  CampaignOptions few = options;
  few.schemas = 1;
  few.max_failures = 0;
  const PolicyFigures figures = run_policies(
      server, few, 50, [](const SchemaPlan&) { return PolicyJudge(gullible_policy_judge); });
  fmt::print("self-check: of {} policy sets, {} times\n", figures.sets, figures.unsound);
  std::fflush(stdout);
  return figures.unsound >= 5;
}

int run(int argc, char** argv) {
  Options options = read_options(argc, argv);
  sql::prepare_parser_thread();
  Server server("differential", policy_roles());
  if (!options.statement_file.empty()) {
    run_file(server, options.campaign, options.statement_file);
    return 0;
  }
  const auto start = std::chrono::steady_clock::now();
  if (!catches_a_gullible_judge(server, options.campaign)) return 1;
  if (!catches_a_gullible_policy_judge(server, options.campaign)) return 1;
  // A third of the time is the policies', if there are to be any.
  const double share = options.policies > 0 && options.campaign.cases > 0 ? 40 : 60;
  if (options.minutes > 0) {
    options.campaign.deadline =
        std::chrono::duration<double>(start.time_since_epoch()).count() + options.minutes * share;
  }
  const Figures figures = run_statements(server, options.campaign, [](const SchemaPlan& plan) {
    auto judge = std::make_shared<ProverJudge>(plan);
    return Judge([judge](const std::string& sql) { return (*judge)(sql); });
  });
  if (options.minutes > 0) options.campaign.deadline += options.minutes * (60 - share);
  const PolicyFigures policies =
      run_policies(server, options.campaign, options.policies, [](const SchemaPlan& plan) {
        auto judge = std::make_shared<PolicyProver>(plan);
        return PolicyJudge([judge](const PolicySet& set) { return (*judge)(set); });
      });
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  fmt::print("seed {}, {:.0f} s\n{}", options.campaign.seed, took.count(), to_string(figures));
  fmt::print("{}", to_string(policies));
  return policies.unsound + figures.unsound + figures.unsound_without + figures.weakened_unsound ==
                 0
             ? 0
             : 1;
}

// The analyzer must not crash whatever it reads: say over what it did.
extern "C" void on_crash(int signal) {
  const char* sql = being_judged();
  const char head[] = "differential: crashed over ";
  if (write(2, head, sizeof head - 1) < 0 || write(2, sql, std::strlen(sql)) < 0) _exit(3);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

// On a stack of its own: what crashes is most often out of stack.
void catch_crashes() {
  static char stack[64 * 1024];
  stack_t alternative = {};
  alternative.ss_sp = stack;
  alternative.ss_size = sizeof stack;
  sigaltstack(&alternative, nullptr);
  struct sigaction action = {};
  action.sa_handler = on_crash;
  action.sa_flags = SA_ONSTACK;
  sigaction(SIGSEGV, &action, nullptr);
  sigaction(SIGABRT, &action, nullptr);
}

}  // namespace
}  // namespace tenantlint::differential

int main(int argc, char** argv) {
  tenantlint::differential::catch_crashes();
  try {
    return tenantlint::differential::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "differential: {}\n", error.what());
    return 2;
  }
}
