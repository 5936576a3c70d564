package main

import (
	"strings"

	"github.com/spf13/cobra"

	"localcloud/images"
	"localcloud/images/catalog"
)

func newImages(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "images",
		Short: "Show the backends there are",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newImagesList(a))
	return c
}

func newImagesList(a *app) *cobra.Command {
	asJSON := false
	c := &cobra.Command{
		Use:   "list",
		Short: "List the catalog: every backend that can be named",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return printJSON(a.stdout, listed())
			}
			rows := [][]string{{"NAME", "KIND", "SERVICES", "IMAGE", "PROGRAM"}}
			for _, i := range listed() {
				rows = append(rows, []string{i.Name, i.Kind, servicesText(i.Services), dash(i.Image), dash(strings.Join(i.Command, " "))})
			}
			return table(a.stdout, rows)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// listedImage is an entry of the catalog as it is printed.
type listedImage struct {
	Name     string   `json:"name"`
	Kind     string   `json:"kind"` // "native" or "third-party"
	Services []string `json:"services"`
	Image    string   `json:"image,omitempty"`
	Command  []string `json:"command,omitempty"`
}

func listed() []listedImage {
	var list []listedImage
	for _, image := range catalog.Images() {
		list = append(list, listedImage{
			Name: image.Name, Kind: kindOf(image), Services: image.Services, Image: image.Reference, Command: image.Command,
		})
	}
	return list
}

func kindOf(image *images.Image) string {
	if image.New != nil {
		return "native"
	}
	return "third-party"
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
