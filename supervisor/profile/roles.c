#include "roles.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/text.h"

const enum role roles_in_order[4] = {ROLE_MONGO, ROLE_OLLAMA, ROLE_BACKEND, ROLE_WEB};

static void add(struct strings *list, const char *const *items)
{
    for (; *items; items++)
        strings_add(list, *items);
}

static void set_port(struct strings *env, const char *name, int port)
{
    char *value = text_format("%d", port);
    strings_set_variable(env, name, value);
    free(value);
}

/* ---- web ---- */

static void web_command(const struct role_launch *launch)
{
    struct sidecar_plan *sidecar = launch->sidecar;
    strings_add(&sidecar->command, launch->binary);
    if (launch->web_dev) {
        add(&sidecar->command, (const char *const[]){"run", "dev", NULL});
        if (launch->has_args)
            strings_add(&sidecar->command, "--");
        sidecar->hold_stdin = true;
    } else {
        add(&sidecar->command, (const char *const[]){"run", "start:standalone", "--", "--runtime-profile",
                                                     launch->plan->child_profile_path, NULL});
    }
    strings_take(&sidecar->required_paths, path_join(sidecar->cwd, "package.json"));
}

static void web_surroundings(const struct role_launch *launch)
{
    struct sidecar_plan *sidecar = launch->sidecar;
    sidecar->cwd = path_join(launch->plan->workspace_root, "web");
    set_port(&sidecar->env, "PORT", sidecar->port);
    strings_set_variable(&sidecar->env, "BACKEND_BASE_URL", launch->backend_url);
    strings_set_variable(&sidecar->env, "APP_RUNTIME_MODE", mode_desktop_name(launch->plan->mode));
    strings_set_variable(&sidecar->env, "DESKTOP_SESSION_ID", launch->plan->session_id);
    strings_set_variable(&sidecar->env, "RUNTIME_PROFILE_PATH", launch->plan->child_profile_path);
}

/* ---- backend ---- */

static void backend_command(const struct role_launch *launch)
{
    char *port = text_format("%d", launch->sidecar->port);
    add(&launch->sidecar->command,
        (const char *const[]){launch->binary, "scripts/run_backend.py", "--host", "127.0.0.1", "--port", port,
                              "--runtime-mode", mode_desktop_name(MODE_LOCAL_FULLSTACK), NULL});
    free(port);
}

static void backend_surroundings(const struct role_launch *launch)
{
    struct sidecar_plan *sidecar = launch->sidecar;
    sidecar->cwd = path_join(launch->plan->workspace_root, "backend");
    strings_set_variable(&sidecar->env, "APP_RUNTIME_MODE", mode_desktop_name(MODE_LOCAL_FULLSTACK));
    strings_set_variable(&sidecar->env, "APP_BACKEND_ORIGIN", "local");
    strings_set_variable(&sidecar->env, "DESKTOP_SESSION_ID", launch->plan->session_id);
    strings_set_variable(&sidecar->env, "MONGODB_URI", launch->mongo_uri);
    strings_set_variable(&sidecar->env, "RUNTIME_PROFILE_PATH", launch->plan->child_profile_path);
    if (launch->ollama_host)
        strings_set_variable(&sidecar->env, "OLLAMA_HOST", launch->ollama_host);
    if (launch->ollama_host && launch->ollama_model)
        strings_set_variable(&sidecar->env, "OLLAMA_MODEL", launch->ollama_model);
}

/* ---- mongo ---- */

static void mongod_command(const struct role_launch *launch)
{
    char *port = text_format("%d", launch->sidecar->port);
    char *dbpath = path_join(launch->plan->data_dir, "mongo");
    add(&launch->sidecar->command, (const char *const[]){launch->binary, "--port", port, "--dbpath", dbpath,
                                                         "--bind_ip", "127.0.0.1", NULL});
    strings_take(&launch->sidecar->create_folders, dbpath);
    free(port);
}

/* The path of a file: URL: what is not plain in a URL is written in hex. */
static char *file_url_of(const char *folder)
{
    struct text url = {0};
    text_append(&url, "file:");
    for (const unsigned char *byte = (const unsigned char *)folder; *byte; byte++) {
        if (isalnum(*byte) || strchr("/-._~", *byte))
            text_append_bytes(&url, (const char *)byte, 1);
        else
            text_printf(&url, "%%%02X", *byte);
    }
    text_append(&url, "/");
    return text_take(&url);
}

/* FerretDB 1.24: the URL must end in '/', the folders must be there, and without a debug address it would
 * also take port 8088. */
static void ferretdb_command(const struct role_launch *launch)
{
    struct sidecar_plan *sidecar = launch->sidecar;
    char *data = path_join(launch->plan->data_dir, "ferretdb/data");
    char *state = path_join(launch->plan->data_dir, "ferretdb/state");
    char *url = file_url_of(data);
    strings_add(&sidecar->command, launch->binary);
    strings_add(&sidecar->command, "--handler=sqlite");
    strings_take(&sidecar->command, text_format("--sqlite-url=%s", url));
    strings_take(&sidecar->command, text_format("--listen-addr=127.0.0.1:%d", sidecar->port));
    strings_take(&sidecar->command, text_format("--state-dir=%s", state));
    strings_add(&sidecar->command, "--telemetry=disable");
    strings_add(&sidecar->command, "--debug-addr=-");
    /* It hands the path to SQLite undone, which would read these again and put the data elsewhere. */
    if (strpbrk(data, "%#?")) {
        error_set(&sidecar->launch_error, ERROR_PROFILE_INVALID,
                  "FerretDB cannot keep its data in %s, because of the '%%', '#' or '?' in it", data);
        error_remedy(&sidecar->launch_error, "choose another data_dir, or install MongoDB");
    }
    strings_take(&sidecar->create_folders, data);
    strings_take(&sidecar->create_folders, state);
    free(url);
}

static void mongo_command(const struct role_launch *launch)
{
    static const char ferretdb[] = "ferretdb";
    const char *name = path_file_name(launch->binary);
    bool is_ferretdb = true;
    for (size_t i = 0; i < strlen(ferretdb) && is_ferretdb; i++)
        is_ferretdb = tolower((unsigned char)name[i]) == ferretdb[i];
    if (is_ferretdb)
        ferretdb_command(launch);
    else
        mongod_command(launch);
}

/* ---- ollama ---- */

static void ollama_command(const struct role_launch *launch)
{
    add(&launch->sidecar->command, (const char *const[]){launch->binary, "serve", NULL});
}

static void ollama_surroundings(const struct role_launch *launch)
{
    struct sidecar_plan *sidecar = launch->sidecar;
    char *host = text_format("127.0.0.1:%d", sidecar->port);
    strings_set_variable(&sidecar->env, "OLLAMA_HOST", host);
    free(host);
    if (launch->models_dir || launch->bundled) {
        char *models = launch->models_dir ? path_absolute("/", launch->models_dir)
                                          : path_join(launch->plan->data_dir, "models");
        strings_set_variable(&sidecar->env, "OLLAMA_MODELS", models);
        strings_take(&sidecar->create_folders, models);
    }
    if (launch->bundled)
        strings_set_variable(&sidecar->env, "OLLAMA_NOPRUNE", "1");
    /* Ollama's own runner is asked on loopback; pulls go by https. */
    strings_add(&sidecar->without_env, "http_proxy");
    strings_add(&sidecar->without_env, "HTTP_PROXY");
}

/* ---- custom ---- */

static void no_command(const struct role_launch *launch)
{
    (void)launch;
}

static const struct role_traits traits[] = {
    [ROLE_CUSTOM] = {.launched = {true, true},
                     .scheme = "http",
                     .defaults = "{}",
                     .command = no_command,
                     .surroundings = no_command},
    [ROLE_WEB] = {.name = "web",
                  .port = 3000,
                  .port_flag = "--web-port",
                  .port_variable = "WEB_PORT",
                  .scheme = "http",
                  .launched = {true, true},
                  .defaults = "{\"ready\": {\"http\": {\"path\": \"/\", \"status\": \"100-499\"}},"
                              " \"live\": {\"tcp\": {}}}",
                  .binary_names = (const char *const[]){"npm", NULL},
                  .binary_on_path_only = true,
                  .install =
                      "install Node.js, which brings npm (Debian: apt-get install nodejs npm; macOS: brew "
                      "install node)",
                  .command = web_command,
                  .surroundings = web_surroundings},
    [ROLE_BACKEND] = {.name = "backend",
                      .port = 8080,
                      .port_flag = "--backend-port",
                      .port_variable = "BACKEND_PORT",
                      .scheme = "http",
                      .launched = {[MODE_LOCAL_FULLSTACK] = true},
                      .remote = {[MODE_REMOTE_SLIM] = true},
                      .defaults = "{\"depends_on\": {\"mongo\": \"ready\", \"ollama\": \"started\"},"
                                  " \"ready\": {\"http\": {\"path\": \"/health/ready\"}},"
                                  " \"live\": {\"http\": {\"path\": \"/health/live\"}}}",
                      .binary_names = (const char *const[]){"python3", "python", NULL},
                      .binary_flag = "--python-bin",
                      .binary_variable = "PYTHON_BIN",
                      .install =
                          "install Python 3 (Debian: apt-get install python3; macOS: brew install python)",
                      .command = backend_command,
                      .surroundings = backend_surroundings},
    [ROLE_MONGO] =
        {.name = "mongo",
         .port = 27017,
         .port_flag = "--mongo-port",
         .port_variable = "MONGO_PORT",
         .scheme = "mongodb",
         .url_variable = "MONGODB_URI",
         .launched = {[MODE_LOCAL_FULLSTACK] = true},
         .defaults =
             "{\"ready\": {\"mongo\": {}}, \"live\": {\"mongo\": {}}, \"stop\": {\"grace\": \"20s\"}}",
         .binary_names = (const char *const[]){"mongod", "ferretdb", NULL},
         .binary_flag = "--mongo-bin",
         .binary_variable = "MONGOD_BIN",
         .install = "install MongoDB (https://www.mongodb.com/docs/manual/installation/) or FerretDB 1.24 "
                    "(https://github.com/FerretDB/FerretDB)",
         .remote_without_binary = true,
         .command = mongo_command,
         .surroundings = no_command},
    [ROLE_OLLAMA] = {.name = "ollama",
                     .port = 11434,
                     .port_flag = "--ollama-port",
                     .port_variable = "OLLAMA_PORT",
                     .scheme = "http",
                     .launched = {[MODE_LOCAL_FULLSTACK] = true},
                     .on_request = true,
                     .follows_base_url = true,
                     .defaults = "{\"critical\": false, \"adopt\": \"if_healthy\","
                                 " \"ready\": {\"http\": {\"path\": \"/api/version\"}, \"timeout\": \"30s\"},"
                                 " \"live\": {\"http\": {\"path\": \"/api/version\"}}}",
                     .binary_names = (const char *const[]){"ollama", NULL},
                     .binary_flag = "--ollama-bin",
                     .binary_variable = "OLLAMA_BIN",
                     .install = "install Ollama (https://ollama.com/download)",
                     .command = ollama_command,
                     .surroundings = ollama_surroundings},
};

const struct role_traits *role_traits_of(enum role role)
{
    return &traits[role];
}

enum role role_of_name(const char *name)
{
    for (size_t i = 0; i < sizeof(roles_in_order) / sizeof(roles_in_order[0]); i++)
        if (strcmp(traits[roles_in_order[i]].name, name) == 0)
            return roles_in_order[i];
    return ROLE_CUSTOM;
}
