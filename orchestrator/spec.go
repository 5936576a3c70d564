package orchestrator

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"

	"localcloud/gateway/aws"
	"localcloud/images"
)

// Hash identifies what the instance is made of: two specs of the same hash run the same way, and one
// can take the other's place without a restart.
func (s Spec) Hash() string {
	image := s.Image
	text, err := json.Marshal(struct {
		Name, Reference, Address string
		Native                   bool
		Command, Args, Writable  []string
		Port                     int
		Env, Settings            map[string]string
		Volume, User             string
		Memory                   int64
		Persist                  bool
		Account, Region          string
		Header, Fixed            string
		Instance                 bool
		Only                     string
		Sign                     images.Signing
		Delivers                 bool
		Protocols                []aws.Protocol
		Words                    images.Names
		Chunked                  bool
	}{
		Name: s.Name, Reference: image.Reference, Address: image.Address,
		Native:  image.New != nil,
		Command: image.Command, Args: image.Args, Writable: image.Writable,
		Port: image.Port, Env: image.Env, Settings: image.Settings,
		Volume: image.Volume, User: image.User, Memory: image.Memory,
		Persist: s.Persist, Account: s.Account, Region: s.Region,
		Header: image.Account.Header, Fixed: image.Account.Fixed, Instance: image.Account.Instance,
		Only: image.Region, Sign: image.Sign, Delivers: image.Delivers, Protocols: image.Protocols,
		Words: image.Names, Chunked: image.Chunked,
	})
	if err != nil {
		panic(err) // strings, numbers and maps of them can always be written
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// Fill returns what replaces the places that commands, arguments and environments of images have for
// what is known only at the start: {port}, {dir} (of the data), {account}, {region} and {persist}.
func (s Spec) Fill(port int, dir string) *strings.Replacer {
	return strings.NewReplacer("{port}", strconv.Itoa(port), "{dir}", dir,
		"{account}", s.Account, "{region}", s.Region, "{persist}", strconv.FormatBool(s.Persist))
}

// Source says where the image comes from, for status and messages: "native", the reference, the
// command line or the address. runtime is the name of the one that runs it, "" for none.
func Source(image *images.Image, runtime string) string {
	switch {
	case image.Address != "":
		return image.Address
	case image.New != nil:
		return "native"
	case image.Reference != "" && (runtime == "docker" || len(image.Command) == 0):
		return image.Reference
	default:
		return strings.Join(image.Command, " ")
	}
}

// instanceName is the name of the instance of a backend for one account and region.
func instanceName(image, account, region string) string {
	return image + "-" + account + "-" + region
}
