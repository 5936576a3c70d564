package main

import (
	"io"
	"os"

	"github.com/spf13/cobra"

	"localcloud/cmd/localcloud/config"
	"localcloud/cmd/localcloud/project"
	"localcloud/gateway/aws"
	"localcloud/images/catalog"
)

// app is what every command shares.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	file           string // --file
	root           *cobra.Command
}

func newApp() *app { return &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr} }

// newRoot makes the command line: every command there is stands in the list below.
func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "localcloud",
		Short: "An AWS on your own machine",
		Long: `localcloud runs an AWS on your own machine, put together from one backend a service.

  localcloud up                      start it
  localcloud aws s3 mb s3://bucket   use it with the AWS CLI
  localcloud down                    stop it; nothing is left behind`,
		SilenceErrors:    true,
		SilenceUsage:     true,
		TraverseChildren: true,
		Args:             cobra.NoArgs,
		RunE:             func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	root.PersistentFlags().StringP("project", "p", "", "name of the project (default: the configuration's, or its folder's)")
	root.PersistentFlags().StringVarP(&a.file, "file", "f", "", "configuration file (default: localcloud.yaml here or above)")
	root.CompletionOptions.HiddenDefaultCmd = false
	root.AddCommand(
		newUp(a), newDown(a), newStatus(a), newLogs(a), newEnv(a), newAWS(a), newReset(a),
		newConfig(a), newImages(a), newVerify(a), newVersion(a),
		newProcess(a), newGuest(a), newSupervise(), // hidden: what localcloud starts itself with
	)
	a.root = root
	return root
}

// options says where the configuration of a command comes from.
func (a *app) options(c *cobra.Command) (config.Options, error) {
	c.InheritedFlags() // brings them into c.Flags, also where a command parses no flags
	folder, err := os.Getwd()
	return config.Options{File: a.file, Folder: folder, Flags: c.Flags(), Known: known()}, err
}

// load reads the configuration and prints its notes.
func (a *app) load(c *cobra.Command) (*config.Config, error) {
	options, err := a.options(c)
	if err != nil {
		return nil, err
	}
	return config.Load(options)
}

// dir is the state directory of the command's project, whether it exists or not.
func (a *app) dir(c *cobra.Command) (project.Dir, error) {
	options, err := a.options(c)
	if err != nil {
		return project.Dir{}, err
	}
	name, err := config.Name(options)
	if err != nil {
		return project.Dir{}, err
	}
	return project.At("", name)
}

// known are the names that a configuration may use.
func known() config.Known {
	var k config.Known
	for _, service := range aws.Services() {
		k.Services = append(k.Services, service.Name)
	}
	for _, image := range catalog.Images() {
		k.Images = append(k.Images, image.Name)
		if image.New != nil {
			k.Natives = append(k.Natives, image.Services...)
		}
	}
	return k
}
