package catalog

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"localcloud/images"
)

// few are entries that stand for every kind.
func few() []*images.Image {
	start := func(images.Env) (images.Native, error) { return nil, nil }
	return []*images.Image{
		{Name: "sqs", Services: []string{"sqs"}, New: start},
		{Name: "dynamodb", Services: []string{"dynamodb", "dynamodbstreams"}, New: start},
		{Name: "moto", Services: []string{"*"}, Reference: "motoserver/moto:5.2.3", Command: []string{"moto_server"}},
		{Name: "elasticmq", Services: []string{"sqs"}, Reference: "softwaremill/elasticmq-native:1.6.14", Env: map[string]string{"A": "1", "B": "2"}},
		{Name: "dynalite", Services: []string{"dynamodb"}, Reference: "dynalite:4"},
	}
}

// summary is a result as text: name, source, and what identifies it.
func summary(result map[string]*images.Image) map[string]string {
	texts := map[string]string{}
	for service, image := range result {
		switch {
		case image == nil:
			texts[service] = "none"
		case image.New != nil:
			texts[service] = image.Name + " native"
		case image.Address != "":
			texts[service] = image.Name + " " + image.Address
		case image.Reference == "":
			texts[service] = image.Name + " command"
		default:
			texts[service] = image.Name + " " + image.Reference
		}
	}
	return texts
}

func resolveFew(choices map[string]Choice) (map[string]*images.Image, error) {
	saved := entries
	entries = few
	defer func() { entries = saved }()
	return Resolve(choices)
}

func TestResolve(t *testing.T) {
	defaults := map[string]string{
		"sqs": "sqs native", "dynamodb": "dynamodb native", "dynamodbstreams": "dynamodb native",
		"*": "moto motoserver/moto:5.2.3",
	}
	tests := map[string]struct {
		choices map[string]Choice
		want    map[string]string // beside the defaults
	}{
		"nothing chosen": {},
		"a catalog name": {
			choices: map[string]Choice{"sqs": {Name: "elasticmq"}},
			want:    map[string]string{"sqs": "elasticmq softwaremill/elasticmq-native:1.6.14"},
		},
		"another version of an image in the catalog": {
			choices: map[string]Choice{"sqs": {Name: "docker.io/softwaremill/elasticmq-native@sha256:1"}},
			want:    map[string]string{"sqs": "elasticmq docker.io/softwaremill/elasticmq-native@sha256:1"},
		},
		"an entry's settings with another reference": {
			choices: map[string]Choice{"*": {Entry: "moto", Image: "mirror:5000/moto"}},
			want:    map[string]string{"*": "moto mirror:5000/moto"},
		},
		"an image that the catalog does not know": {
			choices: map[string]Choice{"kinesis": {Image: "registry:5000/Some/Thing:1", Port: 80}},
			want:    map[string]string{"kinesis": "thing registry:5000/Some/Thing:1"},
		},
		"an address": {
			choices: map[string]Choice{"kinesis": {Name: "http://10.0.0.5:4567"}},
			want:    map[string]string{"kinesis": "kinesis http://10.0.0.5:4567"},
		},
		"a command": {
			choices: map[string]Choice{"kinesis": {Command: []string{"/opt/kin", "--port={port}"}}},
			want:    map[string]string{"kinesis": "kin command"},
		},
		"native by name": {
			choices: map[string]Choice{"sqs": {Name: "native"}},
		},
		"a service that goes with a moved one follows where the backend answers it": {
			choices: map[string]Choice{"dynamodb": {Name: "moto"}},
			want:    map[string]string{"dynamodb": "moto motoserver/moto:5.2.3", "dynamodbstreams": "moto motoserver/moto:5.2.3"},
		},
		"and is refused where it does not": {
			choices: map[string]Choice{"dynamodb": {Name: "dynalite"}},
			want:    map[string]string{"dynamodb": "dynalite dynalite:4", "dynamodbstreams": "none"},
		},
		"none": {
			choices: map[string]Choice{"*": {Name: "none"}},
			want:    map[string]string{"*": "none"},
		},
		"two variants of an entry get names of their own": {
			choices: map[string]Choice{"sns": {Entry: "moto", Env: map[string]string{"A": "1"}}},
			want:    map[string]string{"sns": "moto motoserver/moto:5.2.3", "*": "moto-default motoserver/moto:5.2.3"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := resolveFew(test.choices)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]string{}
			for service, text := range defaults {
				want[service] = text
			}
			for service, text := range test.want {
				want[service] = text
			}
			if diff := cmp.Diff(summary(got), want); diff != "" {
				t.Errorf("resolved (-got +want):\n%s", diff)
			}
		})
	}
}

func TestServicesOfOneBackendShareItsImage(t *testing.T) {
	got, err := resolveFew(map[string]Choice{
		"dynamodb": {Name: "native"},
		"sns":      {Entry: "moto", Port: 7}, "iam": {Entry: "moto", Port: 7},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got["dynamodb"] != got["dynamodbstreams"] || got["sns"] != got["iam"] || got["sns"] == got["*"] {
		t.Errorf("%v", summary(got))
	}
}

func TestEnvironmentIsMergedOverTheEntry(t *testing.T) {
	got, err := resolveFew(map[string]Choice{"sqs": {Entry: "elasticmq", Env: map[string]string{"B": "3", "C": "4"}}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got["sqs"].Env, map[string]string{"A": "1", "B": "3", "C": "4"}); diff != "" {
		t.Error(diff)
	}
}

func TestResolveRefuses(t *testing.T) {
	tests := map[string]struct {
		service string
		choice  Choice
		want    string
	}{
		"an unknown name":                 {"sqs", Choice{Name: "elasticmp"}, `backend of sqs: no backend is called "elasticmp"; did you mean "elasticmq"?`},
		"a name far from any":             {"sqs", Choice{Name: "zzzzzzzzz"}, `backend of sqs: no backend is called "zzzzzzzzz"; there are dynalite, dynamodb, elasticmq, moto, sqs`},
		"a backend of another service":    {"kms", Choice{Name: "elasticmq"}, "backend of kms: elasticmq does not answer kms, but sqs"},
		"native where there is none":      {"kms", Choice{Name: "native"}, "backend of kms: there is no native backend of kms, but of dynamodb, dynamodbstreams, sqs"},
		"nothing":                         {"kms", Choice{Port: 3}, "backend of kms: give an entry, an image, a command, an address or native"},
		"two ways":                        {"kms", Choice{Image: "a/b", Address: "http://x:1"}, "backend of kms: give one of image, command, address and native"},
		"a bad address":                   {"kms", Choice{Name: "http://"}, `backend of kms: "http://" is no address: want http://host:port`},
		"a command without a port":        {"kms", Choice{Command: []string{"kms"}}, "backend of kms: the command needs {port} where its port goes, or the backend a port"},
		"an unknown account mode":         {"kms", Choice{Image: "a/b", Account: "fixed:12"}, `backend of kms: account "fixed:12" is none of key, header:NAME, fixed:ID (12 digits) and instance`},
		"an unknown protocol":             {"kms", Choice{Image: "a/b", Protocols: []string{"soap"}}, `backend of kms: protocol "soap" is not known; there are query, ec2, json-1.0, json-1.1, rest-json, rest-xml and rpc-v2-cbor`},
		"an image for a native backend":   {"sqs", Choice{Entry: "sqs", Image: "a/b"}, "backend of sqs: sqs is native: it has no image, command or address"},
		"settings of a third-party image": {"kms", Choice{Image: "a/b", Settings: map[string]string{"a": "b"}}, "backend of kms: settings are for native backends; use env"},
		"a volume that is no path":        {"kms", Choice{Image: "a/b", Volume: "data"}, `backend of kms: volume "data" is no absolute path`},
		"a port that is none":             {"kms", Choice{Image: "a/b", Port: 70000}, "backend of kms: port 70000 is no port"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := resolveFew(map[string]Choice{test.service: test.choice})
			if err == nil || err.Error() != test.want {
				t.Errorf("error\n%v\nwant\n%s", err, test.want)
			}
		})
	}
}
