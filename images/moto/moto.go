// Package moto describes moto's server: the widest control plane there is, without data planes. It
// keeps everything in memory, apart by account and region.
package moto

import (
	"time"

	"localcloud/images"
)

// Image returns the entry.
func Image() *images.Image {
	return &images.Image{
		Name:      "moto",
		Services:  []string{"*"},
		Reference: "motoserver/moto:5.2.3",
		Command:   []string{"moto_server", "-H", "127.0.0.1", "-p", "{port}"},
		Install:   "pip install 'moto[server]'",
		Port:      5000,
		Probe:     images.Probe{Path: "/moto-api/data.json", Timeout: time.Minute},
		Account:   images.AccountMode{Header: "x-moto-account-id"},
	}
}
