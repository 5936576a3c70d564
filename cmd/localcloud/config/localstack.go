package config

import (
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
)

// localStackNames are the environment variables of LocalStack that are not settings of their own.
// A name with an empty note is read by derive or by a program that is started; the others are reported.
var localStackNames = map[string]string{
	"DEBUG": "", "HOSTNAME_EXTERNAL": "", "LOCALSTACK_HOSTNAME": "", "DATA_DIR": "",
	"EDGE_PORT": "", "EDGE_BIND_HOST": "", "DOCKER_HOST": "", "DEFAULT_REGION": "region comes from the request's signature",

	"AUTH_TOKEN": "no account or token is needed", "API_KEY": "no account or token is needed", "ACTIVATE_PRO": "there is no paid edition",
	"USE_SSL":                       "TLS is not served yet",
	"SNAPSHOT_SAVE_STRATEGY":        "with persistence every change is saved at once",
	"SNAPSHOT_LOAD_STRATEGY":        "with persistence state is loaded at the start",
	"SNAPSHOT_FLUSH_INTERVAL":       "with persistence every change is saved at once",
	"EXTERNAL_SERVICE_PORTS_START":  "backends take free ports",
	"EXTERNAL_SERVICE_PORTS_END":    "backends take free ports",
	"MAIN_CONTAINER_NAME":           "the container is found without its name",
	"MAIN_DOCKER_NETWORK":           "every project has a network of its own",
	"DOCKER_FLAGS":                  "containers are described in localcloud.yaml",
	"DOCKER_BRIDGE_IP":              "not needed",
	"DOCKER_SOCK":                   "use DOCKER_HOST",
	"DNS_ADDRESS":                   "no DNS server is run on the host",
	"SKIP_SSL_CERT_DOWNLOAD":        "nothing is downloaded",
	"SKIP_INFRA_DOWNLOADS":          "nothing is downloaded at run time",
	"DISABLE_EVENTS":                "there is no telemetry",
	"ENABLE_CONFIG_UPDATES":         "change localcloud.yaml and run `localcloud up` again",
	"DISABLE_CORS_CHECKS":           "use cors-origins or no-cors",
	"EXTRA_CORS_ALLOWED_HEADERS":    "use cors-origins or no-cors",
	"PARITY_AWS_ACCESS_KEY_ID":      "keys are read as LocalStack reads them by default",
	"ALLOW_NONSTANDARD_REGIONS":     "every region is allowed",
	"USE_SINGLE_REGION":             "regions are separate",
	"LAMBDA_EXECUTOR":               "Lambda functions are not run yet",
	"LAMBDA_REMOTE_DOCKER":          "Lambda functions are not run yet",
	"LAMBDA_DOCKER_NETWORK":         "Lambda functions are not run yet",
	"LAMBDA_DOCKER_FLAGS":           "Lambda functions are not run yet",
	"LAMBDA_KEEPALIVE_MS":           "Lambda functions are not run yet",
	"LAMBDA_REMOVE_CONTAINERS":      "Lambda functions are not run yet",
	"LAMBDA_RUNTIME_EXECUTOR":       "Lambda functions are not run yet",
	"DYNAMODB_SHARE_DB":             "accounts and regions are separate",
	"DYNAMODB_IN_MEMORY":            "use persistence",
	"DYNAMODB_HEAP_SIZE":            "the native backend has no heap size",
	"S3_SKIP_SIGNATURE_VALIDATION":  "use signatures: verify or ignore",
	"KINESIS_PROVIDER":              "use backends: in localcloud.yaml",
	"SQS_PROVIDER":                  "use backends: in localcloud.yaml",
	"KMS_PROVIDER":                  "use backends: in localcloud.yaml",
	"HOST_TMP_FOLDER":               "not needed",
	"INIT_SCRIPTS_PATH":             "init scripts are not run yet",
	"MOCK_UNIMPLEMENTED":            "what is missing is always refused",
	"PORT_WEB_UI":                   "there is no web interface",
	"VOLUME_DIR":                    "use LOCALCLOUD_STATE",
	"RESPONSE_HEADER_ENABLED":       "the header is not sent",
	"LEGACY_DIRECTORIES":            "not needed",
	"TESTCONTAINERS":                "not needed",
	"IMAGE_NAME":                    "images are named in localcloud.yaml",
	"CLI":                           "not needed",
	"OUTBOUND_HTTP_PROXY":           "use HTTP_PROXY",
	"OUTBOUND_HTTPS_PROXY":          "use HTTPS_PROXY",
	"DOCKER_GLOBAL_IMAGE_PREFIX":    "name the image of each backend in localcloud.yaml",
	"EAGER_SERVICE_LOADING_TIMEOUT": "not needed",
}

// fromLocalStack reads the names of LocalStack that only translate into a setting: derived holds the
// settings, backends what <SERVICE>_BACKEND says, notes a sentence for each name without a meaning.
func fromLocalStack(environ []string, known Known) (derived map[string]any, backends map[string]string, notes []string) {
	derived, backends = make(map[string]any), make(map[string]string)
	slices.Sort(environ)
	for _, pair := range environ {
		full, value, _ := strings.Cut(pair, "=")
		name, prefixed := strings.CutPrefix(full, "LOCALSTACK_")
		if full == "LOCALSTACK_HOSTNAME" {
			name = full
		}
		if value == "" || bound(full) {
			continue
		}
		if service, ok := backendVariable(name, known); ok && strings.Contains(value, "://") {
			backends[service] = value
			continue
		}
		if service, ok := strings.CutPrefix(name, "PROVIDER_OVERRIDE_"); ok {
			notes = append(notes, fmt.Sprintf("%s has no effect: name the backend of %s with --backend or in localcloud.yaml", full, strings.ToLower(service)))
			continue
		}
		note, listed := localStackNames[name]
		switch {
		case listed && note != "":
			notes = append(notes, full+" has no effect: "+note)
		case !listed && prefixed:
			notes = append(notes, full+" has no effect: localcloud does not know it")
		case listed:
			derive(derived, name, value)
		}
	}
	edge(derived)
	return derived, backends, notes
}

// bound reports whether a setting is read from that name of the environment.
func bound(name string) bool {
	for _, s := range settings {
		if slices.Contains(s.env, name) {
			return true
		}
	}
	return false
}

// backendVariable recognises SQS_BACKEND and the like.
func backendVariable(name string, known Known) (service string, ok bool) {
	service, ok = strings.CutSuffix(name, "_BACKEND")
	service = strings.ToLower(service)
	return service, ok && slices.Contains(known.Services, service)
}

func derive(derived map[string]any, name, value string) {
	switch name {
	case "DEBUG": // a name that others use too: only LocalStack's values count
		if value == "1" || strings.EqualFold(value, "true") {
			derived["log"] = "debug"
		}
	case "HOSTNAME_EXTERNAL", "LOCALSTACK_HOSTNAME":
		derived["host"] = value
	case "DATA_DIR":
		derived["persistence"] = true
	}
}

// edge makes EDGE_BIND_HOST and EDGE_PORT into an address.
func edge(derived map[string]any) {
	host, port := either("EDGE_BIND_HOST"), either("EDGE_PORT")
	if host == "" && port == "" {
		return
	}
	if port == "" {
		port = defaultPort
	}
	if host == "" {
		host, _, _ = net.SplitHostPort(defaultListen())
	}
	derived["listen"] = []string{net.JoinHostPort(host, port)}
}

// either is the value of a name with or without LocalStack's prefix.
func either(name string) string {
	if value := os.Getenv("LOCALSTACK_" + name); value != "" {
		return value
	}
	return os.Getenv(name)
}
