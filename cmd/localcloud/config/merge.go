package config

import (
	"strings"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"
)

// setting is one value that may come from a flag, the environment or the file; all have the same name.
type setting struct {
	name string
	// env holds the names of the environment, the first that is set wins; those of LocalStack are
	// honoured with and without the prefix LOCALSTACK_.
	env []string
	// initial is the default, nil for the type's zero value.
	initial any
}

// settings is every value that is merged. Backends are merged by service (see mergeBackends).
var settings = []setting{
	{name: "project", env: []string{"LOCALCLOUD_PROJECT"}},
	{name: "runtime", env: []string{"LOCALCLOUD_RUNTIME"}, initial: "auto"},
	{name: "listen", env: []string{"LOCALCLOUD_LISTEN", "LOCALSTACK_GATEWAY_LISTEN", "GATEWAY_LISTEN"}},
	{name: "classic-ports", env: []string{"LOCALCLOUD_CLASSIC_PORTS"}},
	{name: "host", env: []string{"LOCALCLOUD_HOST", "LOCALSTACK_HOST"}},
	{name: "queue-urls", env: []string{"LOCALCLOUD_QUEUE_URLS", "LOCALSTACK_SQS_ENDPOINT_STRATEGY", "SQS_ENDPOINT_STRATEGY"}, initial: "dynamic"},
	{name: "services", env: []string{"LOCALCLOUD_SERVICES", "LOCALSTACK_SERVICES", "SERVICES"}},
	{name: "strict", env: []string{"LOCALCLOUD_STRICT", "LOCALSTACK_STRICT_SERVICE_LOADING", "STRICT_SERVICE_LOADING"}},
	{name: "eager", env: []string{"LOCALCLOUD_EAGER", "LOCALSTACK_EAGER_SERVICE_LOADING", "EAGER_SERVICE_LOADING"}},
	{name: "cors-origins", env: []string{"LOCALCLOUD_CORS_ORIGINS", "LOCALSTACK_EXTRA_CORS_ALLOWED_ORIGINS", "EXTRA_CORS_ALLOWED_ORIGINS"}},
	{name: "no-cors", env: []string{"LOCALCLOUD_NO_CORS", "LOCALSTACK_DISABLE_CORS_HEADERS", "DISABLE_CORS_HEADERS"}},
	{name: "persistence", env: []string{"LOCALCLOUD_PERSISTENCE", "LOCALSTACK_PERSISTENCE", "PERSISTENCE"}},
	{name: "signatures", env: []string{"LOCALCLOUD_SIGNATURES"}, initial: "ignore"},
	{name: "log", env: []string{"LOCALCLOUD_LOG", "LOCALSTACK_LS_LOG", "LS_LOG"}, initial: "info"},
	{name: "backend", env: []string{"LOCALCLOUD_BACKENDS"}},
}

// merged is the outcome of the merge: raw values, not yet checked.
type merged struct{ v *viper.Viper }

// merge lays environment and flags over the file's values, and derived (values that follow from other
// names of the environment) between file and environment. flags may be nil. This is the only code that
// knows viper.
func merge(f *file, derived map[string]any, flags *pflag.FlagSet) (merged, error) {
	v := viper.New()
	for _, s := range settings {
		v.SetDefault(s.name, s.initial)
		if err := v.BindEnv(append([]string{s.name}, s.env...)...); err != nil {
			return merged{}, err
		}
		if flags == nil {
			continue
		}
		if flag := flags.Lookup(s.name); flag != nil {
			if err := v.BindPFlag(s.name, flag); err != nil {
				return merged{}, err
			}
		}
	}
	if err := v.MergeConfigMap(f.values()); err != nil {
		return merged{}, err
	}
	return merged{v}, v.MergeConfigMap(derived)
}

// values are the settings that the file has.
func (f *file) values() map[string]any {
	values := make(map[string]any)
	for name, text := range map[string]*string{
		"project": f.Project, "runtime": f.Runtime, "host": f.Host, "queue-urls": f.QueueURLs,
		"signatures": f.Signatures, "log": f.Log,
	} {
		if text != nil {
			values[name] = *text
		}
	}
	for name, truth := range map[string]*bool{
		"classic-ports": f.ClassicPorts, "strict": f.Strict, "eager": f.Eager, "persistence": f.Persistence,
		"no-cors": f.NoCORS,
	} {
		if truth != nil {
			values[name] = *truth
		}
	}
	for name, items := range map[string]list{"listen": f.Listen, "services": f.Services, "cors-origins": f.CORSOrigins} {
		if items != nil {
			values[name] = []string(items)
		}
	}
	return values
}

func (m merged) text(name string) string { return strings.TrimSpace(m.v.GetString(name)) }

// list returns the items of a list; in the environment they are separated by commas.
func (m merged) list(name string) []string {
	var items []string
	switch value := m.v.Get(name).(type) {
	case string:
		items = strings.Split(value, ",")
	case []string:
		items = value
	}
	var out []string
	for _, item := range items {
		if item = strings.TrimSpace(item); item != "" {
			out = append(out, item)
		}
	}
	return out
}

// truth returns a boolean; ok is false where the text is none.
func (m merged) truth(name string) (value, ok bool) {
	switch v := m.v.Get(name).(type) {
	case nil:
		return false, true
	case bool:
		return v, true
	case string:
		switch strings.ToLower(strings.TrimSpace(v)) {
		case "", "0", "false", "no", "off":
			return false, true
		case "1", "true", "yes", "on":
			return true, true
		}
	}
	return false, false
}
