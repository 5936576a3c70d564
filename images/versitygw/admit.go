package versitygw

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"localcloud/gateway/aws/sign"
	"localcloud/images"
)

// secretOfUsers is the secret key of every user; that the gateway has checked who calls is what counts.
const secretOfUsers = "localcloud-user"

// admit makes a user of an account, who owns the buckets that the account makes.
func admit(ctx context.Context, backend http.RoundTripper, account string) (images.Signing, error) {
	body := "<Account><Access>" + account + "</Access><Secret>" + secretOfUsers + "</Secret><Role>userplus</Role></Account>"
	req, err := http.NewRequestWithContext(ctx, http.MethodPatch, "http://versitygw/create-user", strings.NewReader(body))
	if err != nil {
		return images.Signing{}, err
	}
	sum := sha256.Sum256([]byte(body))
	keys := sign.Credentials{AccessKey: root.AccessKey, SecretKey: root.SecretKey}
	sign.Sign(req, keys, "s3", region, time.Now(), hex.EncodeToString(sum[:]))
	resp, err := backend.RoundTrip(req)
	if err != nil {
		return images.Signing{}, fmt.Errorf("make a user of account %s: %w", account, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 4<<10))
	if err != nil {
		return images.Signing{}, fmt.Errorf("make a user of account %s: %w", account, err)
	}
	if resp.StatusCode/100 != 2 && !strings.Contains(string(answer), "XAdminUserExists") {
		return images.Signing{}, fmt.Errorf("make a user of account %s: %s: %s", account, resp.Status, answer)
	}
	return images.Signing{AccessKey: account, SecretKey: secretOfUsers, Region: region}, nil
}
