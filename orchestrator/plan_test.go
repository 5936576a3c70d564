package orchestrator

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"localcloud/images"
)

// bare is a runtime that is only asked for its name and for what it takes.
type bare struct {
	name   string
	refuse error
}

func (b *bare) Name() string                                { return b.name }
func (b *bare) Takes(*images.Image) error                   { return b.refuse }
func (b *bare) Observe(context.Context) ([]Observed, error) { return nil, nil }
func (b *bare) Remove(context.Context, Observed) error      { return nil }
func (b *bare) Start(context.Context, Spec, func(Progress)) (Instance, error) {
	return nil, errors.New("bare runtimes start nothing")
}

// adopting is a bare runtime that could take over what it finds.
type adopting struct{ bare }

func (a *adopting) Adopt(context.Context, Spec, Observed) (Instance, error) { return nil, nil }

func TestPlan(t *testing.T) {
	docker, local := &adopting{bare{name: "docker"}}, &bare{name: "local"}
	moto := &images.Image{Name: "moto", Services: []string{"*"}, Reference: "motoserver/moto:5"}
	newer := &images.Image{Name: "moto", Services: []string{"*"}, Reference: "motoserver/moto:6"}
	elastic := &images.Image{Name: "elasticmq", Reference: "elasticmq:1", Account: images.AccountMode{Instance: true}}
	there := &images.Image{Name: "kinesis", Address: "http://10.0.0.5:4567"}
	hash := Spec{Name: "moto", Image: moto}.Hash()
	pair := Spec{Name: "elasticmq-1-us-east-1", Image: elastic, Account: "1", Region: "us-east-1"}
	fallback := Desired{Images: map[string]*images.Image{"*": moto}}
	left := func(runtime Runtime, running bool) []found {
		return []found{{Observed{Name: "moto", Hash: hash, ID: "c1", Running: running}, runtime}}
	}

	tests := map[string]struct {
		desired  Desired
		runtimes []Runtime
		running  []Spec
		observed []found
		want     []Step
	}{
		"nothing runs, nothing is asked for at once": {
			desired: fallback,
			want:    []Step{{Action: Later, Backend: "moto", Runtime: "docker", Source: "motoserver/moto:5"}},
		},
		"a service of the fallback starts at once": {
			desired: Desired{Images: map[string]*images.Image{"*": moto, "kinesis": there}, Start: []string{"ssm", "iam"}},
			want: []Step{
				{Action: Later, Backend: "kinesis", Runtime: "address", Source: "http://10.0.0.5:4567"},
				{Action: Start, Backend: "moto", Runtime: "docker", Source: "motoserver/moto:5"},
			},
		},
		"what runs as it should is kept": {
			desired: fallback,
			running: []Spec{{Name: "moto", Image: moto}},
			want:    []Step{{Action: Keep, Backend: "moto", Runtime: "docker", Source: "motoserver/moto:5"}},
		},
		"a changed reference replaces what runs": {
			desired: Desired{Images: map[string]*images.Image{"*": newer}},
			running: []Spec{{Name: "moto", Image: moto}},
			want:    []Step{{Action: Replace, Backend: "moto", Runtime: "docker", Source: "motoserver/moto:6", Reason: "its configuration has changed"}},
		},
		"what nobody asks for any more is removed": {
			running: []Spec{{Name: "moto", Image: moto}},
			want:    []Step{{Action: Remove, Backend: "moto", Reason: "no longer configured"}},
		},
		"what an earlier run left as it should be is adopted": {
			desired:  fallback,
			observed: left(docker, true),
			want:     []Step{{Action: Adopt, Backend: "moto", Runtime: "docker", Source: "motoserver/moto:5"}},
		},
		"what an earlier run left otherwise is replaced": {
			desired:  Desired{Images: map[string]*images.Image{"*": newer}},
			observed: left(docker, true),
			want:     []Step{{Action: Replace, Backend: "moto", Runtime: "docker", Source: "motoserver/moto:6", Reason: "it was started another way"}},
		},
		"a survivor in a runtime that does not adopt is replaced": {
			desired:  fallback,
			runtimes: []Runtime{local},
			observed: left(local, true),
			want:     []Step{{Action: Replace, Backend: "moto", Runtime: "local", Source: "motoserver/moto:5", Reason: "it was left behind"}},
		},
		"a survivor in the other runtime is removed": {
			desired:  fallback,
			runtimes: []Runtime{docker, local},
			observed: left(local, true),
			want: []Step{
				{Action: Remove, Backend: "moto", Runtime: "local", Reason: "no longer configured"},
				{Action: Later, Backend: "moto", Runtime: "docker", Source: "motoserver/moto:5"},
			},
		},
		"an ended one is removed and starts at its first call": {
			desired:  fallback,
			observed: left(docker, false),
			want: []Step{
				{Action: Remove, Backend: "moto", Runtime: "docker", Reason: "it has ended"},
				{Action: Later, Backend: "moto", Runtime: "docker", Source: "motoserver/moto:5"},
			},
		},
		"an ended one that is wanted at once is replaced": {
			desired:  Desired{Images: map[string]*images.Image{"*": moto}, Start: []string{"ssm"}},
			observed: left(docker, false),
			want:     []Step{{Action: Replace, Backend: "moto", Runtime: "docker", Source: "motoserver/moto:5", Reason: "it has ended"}},
		},
		"an instance of one account and region is adopted beside its unit": {
			desired:  Desired{Images: map[string]*images.Image{"sqs": elastic}},
			observed: []found{{Observed{Name: pair.Name, Hash: pair.Hash(), ID: "c2", Running: true, Account: "1", Region: "us-east-1"}, docker}},
			want: []Step{
				{Action: Later, Backend: "elasticmq", Runtime: "docker", Source: "elasticmq:1", Reason: "one for each account and region"},
				{Action: Adopt, Backend: "elasticmq-1-us-east-1", Runtime: "docker", Source: "elasticmq:1"},
			},
		},
		"what no runtime takes is refused": {
			desired:  fallback,
			runtimes: []Runtime{&bare{name: "local", refuse: errors.New("moto_server is not installed")}},
			want: []Step{{
				Action: Refuse, Backend: "moto", Runtime: "none", Source: "motoserver/moto:5",
				Reason: "the backend moto cannot run here: moto_server is not installed",
			}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			runtimes := test.runtimes
			if runtimes == nil {
				runtimes = []Runtime{docker}
			}
			list, err := units(test.desired, runtimes)
			if err != nil {
				t.Fatal(err)
			}
			got := compute(list, test.running, test.observed)
			if diff := cmp.Diff(got, test.want, cmpopts.IgnoreUnexported(Step{})); diff != "" {
				t.Errorf("plan (-got +want):\n%s", diff)
			}
		})
	}
}

func TestTwoBackendsOfOneNameAreRefused(t *testing.T) {
	_, err := units(Desired{Images: map[string]*images.Image{
		"sqs": {Name: "moto"}, "sns": {Name: "moto"},
	}}, []Runtime{&bare{name: "local"}})
	if err == nil {
		t.Error("no error for two images of one name")
	}
}
