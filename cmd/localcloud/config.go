package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"localcloud/cmd/localcloud/config"
	"localcloud/cmd/localcloud/project"
)

func newConfig(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "config",
		Short: "Show, check or begin the configuration",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newConfigShow(a), newConfigValidate(a), newConfigInit(a))
	return c
}

func newConfigShow(a *app) *cobra.Command {
	asJSON := false
	c := &cobra.Command{
		Use:   "show",
		Short: "Print the configuration as file, environment and defaults make it",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := a.load(c)
			if err != nil {
				return err
			}
			a.notes(cfg.Notes)
			if asJSON {
				return printJSON(a.stdout, cfg)
			}
			text, err := yaml.MarshalWithOptions(cfg, yaml.UseJSONMarshaler())
			if err != nil {
				return err
			}
			_, err = a.stdout.Write(text)
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func newConfigValidate(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "validate",
		Short: "Check the configuration",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := a.load(c)
			if err != nil {
				return err
			}
			a.notes(cfg.Notes)
			if _, err := desired(cfg); err != nil {
				return &config.Error{Problems: []string{err.Error()}}
			}
			name := cfg.File
			if name == "" {
				name = "the configuration (no file)"
			}
			_, err = fmt.Fprintf(a.stdout, "%s is valid\n", name)
			return err
		},
	}
}

func newConfigInit(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "init",
		Short: "Write a localcloud.yaml that explains itself",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			path := a.file
			if path == "" {
				path = config.FileName
			}
			file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
			if errors.Is(err, os.ErrExist) {
				return &project.Failure{Message: path + " exists already", Hint: "localcloud config validate", Code: exitFailed}
			}
			if err != nil {
				return err
			}
			_, err = file.WriteString(config.Template)
			if err := errors.Join(err, file.Close()); err != nil {
				return err
			}
			_, err = fmt.Fprintln(a.stdout, "wrote", filepath.Clean(path))
			return err
		},
	}
}
