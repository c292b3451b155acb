#include "grammar.h"

#include <stddef.h>

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define OPTIONAL(key, of)                                                                                    \
    {                                                                                                        \
        .name = (key), .rule = &(of), .presence = KEY_OPTIONAL                                               \
    }
#define REQUIRED(key, of)                                                                                    \
    {                                                                                                        \
        .name = (key), .rule = &(of), .presence = KEY_REQUIRED                                               \
    }
#define REQUIRED_WITHOUT_ROLE(key, of)                                                                       \
    {                                                                                                        \
        .name = (key), .rule = &(of), .presence = KEY_REQUIRED_WITHOUT_ROLE                                  \
    }
#define END                                                                                                  \
    {                                                                                                        \
        .name = NULL                                                                                         \
    }

const char grammar_status_pattern[] = "^[1-5][0-9]{2}(-[1-5][0-9]{2})?$";

/* ---- Values ---- */

static const struct rule any = {.type = RULE_ANY};
static const struct rule text = {.type = RULE_TEXT};
static const struct rule boolean = {.type = RULE_BOOLEAN};
static const struct rule path = {.type = RULE_TEXT, .minimum = 1, .expected = "a path"};
static const struct rule some_text = {.type = RULE_TEXT, .minimum = 1, .expected = "text that is not empty"};
static const struct rule pattern = {.type = RULE_TEXT, .minimum = 1, .expected = "a PCRE2 pattern"};
static const struct rule port = {.type = RULE_INTEGER, .minimum = 0, .maximum = 65535};
static const struct rule own_port = {.type = RULE_INTEGER, .minimum = 1, .maximum = 65535};
static const struct rule duration = {.type = RULE_DURATION};
static const struct rule some_time = {.type = RULE_DURATION, .minimum = 1};
static const struct rule some_bytes = {.type = RULE_SIZE, .minimum = 1};
static const struct rule bytes = {.type = RULE_SIZE};
static const struct rule status = {.type = RULE_STATUS};
static const struct rule url = {.type = RULE_TEXT,
                                .expected = "an http or https URL such as https://backend.example:8443",
                                .pattern = "^https?://([^\\s/?#@]*@)?(\\[[0-9A-Fa-f:.]+\\]|[^\\s/"
                                           "?#:@\\[\\]]+)(:[0-9]{1,5})?([/?#]\\S*)?$|\\$\\{"};
static const struct rule mongo_uri = {.type = RULE_TEXT,
                                      .expected = "a URI such as mongodb://127.0.0.1:27017",
                                      .pattern = "^mongodb(\\+srv)?://\\S+$|\\$\\{"};
static const struct rule header_value = {
    .type = RULE_TEXT, .pattern = "^[^\\r\\n]*$", .expected = "one line of text"};
static const struct rule app_id = {.type = RULE_TEXT,
                                   .pattern = "^(?!\\.*$)[A-Za-z0-9._-]{1,100}$",
                                   .expected = "an id of letters, digits, '.', '_' and '-'"};
static const struct rule version_number = {.type = RULE_TEXT,
                                           .pattern = "^[0-9]+(\\.[0-9]+){0,3}$",
                                           .expected = "a version such as 0.12 or 0.12.6 (in quotes)"};
static const struct rule origin = {
    .type = RULE_TEXT, .pattern = "^\\S+$", .expected = "an exact origin such as tauri://localhost"};
static const struct rule digest = {.type = RULE_TEXT,
                                   .pattern = "^(sha256:)?[0-9a-f]{12,64}$",
                                   .expected = "a digest such as sha256:0123456789abcdef..."};

static const struct rule mode = {
    .type = RULE_WORD,
    .words = WORDS("local_fullstack", "remote_slim", "desktop_local_fullstack", "desktop_remote_slim"),
    .expected = "local_fullstack or remote_slim"};
static const struct rule backend_origin = {.type = RULE_WORD, .words = WORDS("local", "remote")};
static const struct rule role = {.type = RULE_WORD, .words = WORDS("web", "backend", "mongo", "ollama")};
static const struct rule condition = {.type = RULE_WORD, .words = WORDS("started", "ready", "completed")};
static const struct rule policy = {.type = RULE_WORD, .words = WORDS("always", "on-failure", "never")};
static const struct rule retry_after = {.type = RULE_DURATION, .minimum = 1, .words = WORDS("never")};
static const struct rule signal_word = {.type = RULE_WORD,
                                        .words = WORDS("SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1",
                                                       "SIGUSR2", "SIGWINCH", "SIGABRT", "SIGKILL")};
static const struct rule stop_stdin = {.type = RULE_WORD, .words = WORDS("close")};
static const struct rule child_stdin = {.type = RULE_WORD, .words = WORDS("null", "hold")};
static const struct rule child_stdio = {.type = RULE_WORD, .words = WORDS("log", "jsonrpc")};
static const struct rule adopt = {.type = RULE_WORD, .words = WORDS("never", "if_healthy")};
static const struct rule start = {.type = RULE_WORD, .words = WORDS("eager", "on_demand")};
static const struct rule log_format = {.type = RULE_WORD, .words = WORDS("raw", "text")};
static const struct rule sync_word = {.type = RULE_WORD, .words = WORDS("interval", "always")};

/* ---- Lists and maps ---- */

static const struct rule texts = {.type = RULE_LIST, .items = &text};
static const struct rule names = {.type = RULE_LIST, .items = &some_text};
static const struct rule paths = {.type = RULE_LIST, .items = &path};
static const struct rule origins = {.type = RULE_LIST, .items = &origin};
static const struct rule modes = {.type = RULE_LIST, .items = &mode, .minimum = 1};
static const struct rule command = {.type = RULE_LIST,
                                    .items = &text,
                                    .minimum = 1,
                                    .first = &some_text,
                                    .expected = "a list of a program and its arguments"};
static const struct rule redact = {.type = RULE_LIST, .items = &pattern, .words = WORDS("off")};
static const struct rule exit_code = {.type = RULE_INTEGER, .minimum = 0, .maximum = 255};
static const struct rule exit_codes = {.type = RULE_LIST, .items = &exit_code};
static const struct rule flags = {.type = RULE_MAP, .items = &boolean};
static const struct rule conditions = {.type = RULE_MAP, .items = &condition};
static const struct rule headers = {.type = RULE_MAP,
                                    .items = &header_value,
                                    .pattern = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
                                    .expected = "the name of an HTTP header"};
static const struct rule fields = {.type = RULE_MAP, .items = &any};
static const struct rule variables = {
    .type = RULE_MAP, .items = &text, .pattern = "^[^=]+$", .expected = "the name of a variable"};
static const struct rule secrets = {
    .type = RULE_MAP, .items = &some_text, .pattern = "^[^=]+$", .expected = "the name of a variable"};

#define SIDECAR_NAME                                                                                         \
    .pattern = "^(?!(sidecard|runtime|control|profile|watchdog)$)[A-Za-z0-9][A-Za-z0-9_-]{0,62}$",           \
    .expected = "a name of at most 63 letters, digits, '_' and '-' that is none of sidecard, runtime, "      \
                "control, profile, watchdog"

static const struct rule ports = {.type = RULE_MAP, .items = &port, SIDECAR_NAME};

/* ---- Probes ---- */

static const struct key tcp_keys[] = {OPTIONAL("host", some_text), OPTIONAL("port", own_port), END};
static const struct rule tcp = {.type = RULE_OBJECT, .keys = tcp_keys};

static const struct key http_keys[] = {
    OPTIONAL("url", url),
    OPTIONAL("path", some_text),
    OPTIONAL("host", some_text),
    OPTIONAL("port", own_port),
    OPTIONAL("unix_socket", path),
    OPTIONAL("headers", headers),
    OPTIONAL("status", status),
    OPTIONAL("body", pattern),
    OPTIONAL("expect_header", headers),
    OPTIONAL("expect_json", fields),
    END,
};
static const struct rule http = {
    .type = RULE_OBJECT, .keys = http_keys, .alternatives = WORDS("url", "path")};

static const struct key exec_keys[] = {REQUIRED("command", command), OPTIONAL("cwd", path), END};
static const struct rule exec = {.type = RULE_OBJECT, .keys = exec_keys};

static const struct key mongo_keys[] = {OPTIONAL("uri", mongo_uri), OPTIONAL("primary", boolean), END};
static const struct rule mongo = {.type = RULE_OBJECT, .keys = mongo_keys};

static const struct key log_keys[] = {REQUIRED("pattern", pattern), END};
static const struct rule log_line = {.type = RULE_OBJECT, .keys = log_keys};

static const struct key no_keys[] = {END};
static const struct rule heartbeat = {.type = RULE_OBJECT, .keys = no_keys};

static const struct key rpc_keys[] = {REQUIRED("method", some_text), OPTIONAL("params", any), END};
static const struct rule rpc = {.type = RULE_OBJECT, .keys = rpc_keys};

static const struct rule notify_fd = {.type = RULE_INTEGER, .minimum = 3, .maximum = 1023};
static const struct key notify_keys[] = {OPTIONAL("fd", notify_fd), END};
static const struct rule notify = {.type = RULE_OBJECT, .keys = notify_keys};

const char *const grammar_probe_kinds[] = {"tcp",       "http", "exec",   "mongo", "log",
                                           "heartbeat", "rpc",  "notify", NULL};

static const struct rule failures = {.type = RULE_INTEGER, .minimum = 1, .maximum = 1000};
static const struct key probe_keys[] = {
    OPTIONAL("tcp", tcp),
    OPTIONAL("http", http),
    OPTIONAL("exec", exec),
    OPTIONAL("mongo", mongo),
    OPTIONAL("log", log_line),
    OPTIONAL("heartbeat", heartbeat),
    OPTIONAL("rpc", rpc),
    OPTIONAL("notify", notify),
    OPTIONAL("interval", some_time),
    OPTIONAL("timeout", some_time),
    OPTIONAL("failures", failures),
    OPTIONAL("enforce", boolean),
    END,
};
static const struct rule probe = {
    .type = RULE_OBJECT, .keys = probe_keys, .alternatives = grammar_probe_kinds};

/* ---- A sidecar ---- */

static const struct rule factor = {.type = RULE_NUMBER, .minimum = 1, .maximum = 100};
static const struct rule share = {.type = RULE_NUMBER, .minimum = 0, .maximum = 1};
static const struct key backoff_keys[] = {OPTIONAL("initial", duration), OPTIONAL("factor", factor),
                                          OPTIONAL("max", duration), OPTIONAL("jitter", share), END};
static const struct rule backoff = {.type = RULE_OBJECT, .keys = backoff_keys};

static const struct rule restart_max = {.type = RULE_INTEGER, .minimum = 0, .maximum = 1000};
static const struct key restart_keys[] = {
    OPTIONAL("policy", policy),
    OPTIONAL("success_exit_codes", exit_codes),
    OPTIONAL("max", restart_max),
    OPTIONAL("window", some_time),
    OPTIONAL("backoff", backoff),
    OPTIONAL("retry_after", retry_after),
    END,
};
static const struct rule restart = {.type = RULE_OBJECT, .keys = restart_keys};

static const struct key stop_http_keys[] = {REQUIRED("path", some_text), END};
static const struct rule stop_http = {.type = RULE_OBJECT, .keys = stop_http_keys};
static const struct key stop_keys[] = {
    OPTIONAL("signal", signal_word),
    OPTIONAL("grace", duration),
    OPTIONAL("only_child", boolean),
    OPTIONAL("http", stop_http),
    OPTIONAL("command", command),
    OPTIONAL("stdin", stop_stdin),
    END,
};
static const struct rule stop = {
    .type = RULE_OBJECT, .keys = stop_keys, .alternatives = WORDS("signal", "http", "command", "stdin")};

static const struct rule file_count = {.type = RULE_INTEGER, .minimum = 0, .maximum = 1000};
static const struct rule line_count = {.type = RULE_INTEGER, .minimum = 1, .maximum = 100000};
static const struct key logs_keys[] = {
    OPTIONAL("file", boolean),
    OPTIONAL("max_bytes", some_bytes),
    OPTIONAL("max_files", file_count),
    OPTIONAL("buffer_lines", line_count),
    OPTIONAL("redact", redact),
    OPTIONAL("format", log_format),
    END,
};
static const struct rule logs = {.type = RULE_OBJECT, .keys = logs_keys};

static const struct rule file_limit = {.type = RULE_INTEGER, .minimum = 1, .maximum = 2147483647};
static const struct rule cpu_weight = {.type = RULE_INTEGER, .minimum = 1, .maximum = 10000};
static const struct key limits_keys[] = {
    OPTIONAL("memory_max", some_bytes),
    OPTIONAL("memory_restart", some_bytes),
    OPTIONAL("nofile", file_limit),
    OPTIONAL("cpu_weight", cpu_weight),
    END,
};
static const struct rule limits = {.type = RULE_OBJECT, .keys = limits_keys};

static const struct key sandbox_keys[] = {OPTIONAL("network", boolean), OPTIONAL("write", paths),
                                          OPTIONAL("read", paths), OPTIONAL("best_effort", boolean), END};
static const struct rule sandbox = {.type = RULE_OBJECT, .keys = sandbox_keys};

static const struct key model_keys[] = {REQUIRED("name", some_text), OPTIONAL("preload", boolean),
                                        OPTIONAL("digest", digest), OPTIONAL("required", boolean), END};
static const struct rule model = {.type = RULE_OBJECT, .keys = model_keys};
static const struct rule models = {.type = RULE_LIST, .items = &model};

static const struct key sidecar_keys[] = {
    OPTIONAL("title", text),
    OPTIONAL("role", role),
    OPTIONAL("enabled", boolean),
    OPTIONAL("modes", modes),
    OPTIONAL("critical", boolean),
    OPTIONAL("start", start),
    OPTIONAL("idle_stop", some_time),
    REQUIRED_WITHOUT_ROLE("command", command),
    OPTIONAL("binary", path),
    OPTIONAL("args", texts),
    OPTIONAL("cwd", path),
    OPTIONAL("env", variables),
    OPTIONAL("env_file", path),
    OPTIONAL("inherit_env", names),
    OPTIONAL("secrets", secrets),
    OPTIONAL("stdin", child_stdin),
    OPTIONAL("stdio", child_stdio),
    OPTIONAL("port", port),
    OPTIONAL("expose", boolean),
    OPTIONAL("adopt", adopt),
    OPTIONAL("min_version", version_number),
    OPTIONAL("models_dir", path),
    OPTIONAL("models", models),
    OPTIONAL("requires", paths),
    OPTIONAL("depends_on", conditions),
    OPTIONAL("restart_with", boolean),
    OPTIONAL("ready", probe),
    OPTIONAL("live", probe),
    OPTIONAL("restart", restart),
    OPTIONAL("stop", stop),
    OPTIONAL("logs", logs),
    OPTIONAL("limits", limits),
    OPTIONAL("sandbox", sandbox),
    END,
};
static const struct rule sidecar = {.type = RULE_OBJECT, .keys = sidecar_keys};
static const struct rule sidecars = {.type = RULE_MAP, .items = &sidecar, SIDECAR_NAME};

/* ---- The document ---- */

static const struct key app_keys[] = {OPTIONAL("id", app_id), OPTIONAL("name", text),
                                      OPTIONAL("version", text), END};
static const struct rule app = {.type = RULE_OBJECT, .keys = app_keys};

static const struct key llm_keys[] = {
    OPTIONAL("provider", text),   OPTIONAL("model", text),         OPTIONAL("base_url", text),
    OPTIONAL("fallbacks", names), OPTIONAL("memory_floor", bytes), END,
};
static const struct rule llm_defaults = {.type = RULE_OBJECT, .keys = llm_keys, .open = true};

static const struct rule event_count = {.type = RULE_INTEGER, .minimum = 1, .maximum = 100000};
static const struct key diagnostics_keys[] = {OPTIONAL("max_events", event_count), OPTIONAL("path", path),
                                              OPTIONAL("sync", sync_word), END};
static const struct rule diagnostics = {.type = RULE_OBJECT, .keys = diagnostics_keys};

static const struct key control_http_keys[] = {OPTIONAL("port", port), OPTIONAL("token_file", path),
                                               OPTIONAL("origins", origins), END};
static const struct rule control_http = {.type = RULE_OBJECT, .keys = control_http_keys};
static const struct key control_keys[] = {OPTIONAL("socket", path), OPTIONAL("http", control_http), END};
static const struct rule control = {.type = RULE_OBJECT, .keys = control_keys};

static const struct key profile_keys[] = {
    OPTIONAL("$schema", text),
    REQUIRED("mode", mode),
    OPTIONAL("app", app),
    OPTIONAL("workspace_root", path),
    OPTIONAL("data_dir", path),
    OPTIONAL("resources_dir", path),
    OPTIONAL("backend_url", url),
    OPTIONAL("backend_origin", backend_origin),
    OPTIONAL("local_ports", ports),
    OPTIONAL("llm_defaults", llm_defaults),
    OPTIONAL("feature_flags", flags),
    OPTIONAL("sidecars", sidecars),
    OPTIONAL("diagnostics", diagnostics),
    OPTIONAL("control", control),
    END,
};
const struct rule grammar_profile = {.type = RULE_OBJECT, .keys = profile_keys};
