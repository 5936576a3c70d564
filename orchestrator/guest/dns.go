package guest

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

const (
	dnsPort      = ":53"
	dnsTTL       = 10 // seconds: a relay's address may change with the next `up`
	dnsTimeout   = 5 * time.Second
	maxDNS       = 64 << 10
	maxDNSInWork = 256 // queries that are answered at the same time; more wait
)

// resolver answers DNS queries: names of the gateway, and all below them, with its own address, and
// everything else by asking the resolver that its container was given.
type resolver struct {
	names    []string // lower case, without the last dot
	upstream string
	log      *slog.Logger
	packets  net.PacketConn
	streams  net.Listener
}

func listenDNS(ctx context.Context, names []string, log *slog.Logger) (*resolver, error) {
	r := &resolver{upstream: upstream("/etc/resolv.conf"), log: log}
	for _, name := range names {
		if name = strings.ToLower(strings.Trim(name, ". ")); name != "" {
			r.names = append(r.names, name)
		}
	}
	var config net.ListenConfig
	var err error
	if r.packets, err = config.ListenPacket(ctx, "udp", dnsPort); err != nil {
		return nil, fmt.Errorf("answer DNS: %w", err)
	}
	if r.streams, err = config.Listen(ctx, "tcp", dnsPort); err != nil {
		return nil, errors.Join(fmt.Errorf("answer DNS: %w", err), r.packets.Close())
	}
	return r, nil
}

// upstream is the first resolver of a resolv.conf, with its port; "" for none.
func upstream(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) >= 2 && fields[0] == "nameserver" {
			return net.JoinHostPort(fields[1], "53")
		}
	}
	return ""
}

func (r *resolver) close() error { return errors.Join(r.packets.Close(), r.streams.Close()) }

// serve answers until the sockets are closed.
func (r *resolver) serve(ctx context.Context) {
	var work sync.WaitGroup
	defer work.Wait()
	work.Go(func() { r.serveStreams(ctx, &work) })
	places := make(chan struct{}, maxDNSInWork)
	buffer := make([]byte, maxDNS)
	for {
		n, from, err := r.packets.ReadFrom(buffer)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			continue
		}
		query := append([]byte(nil), buffer[:n]...)
		places <- struct{}{}
		work.Go(func() {
			defer func() { <-places }()
			answer, err := r.answer(ctx, "udp", query)
			if err == nil {
				_, err = r.packets.WriteTo(answer, from)
			}
			if err != nil {
				r.log.Debug("a DNS query was not answered", "error", err)
			}
		})
	}
}

func (r *resolver) serveStreams(ctx context.Context, work *sync.WaitGroup) {
	for {
		conn, err := r.streams.Accept()
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			if !pause(ctx, 100*time.Millisecond) {
				return
			}
			continue
		}
		work.Go(func() {
			defer conn.Close()
			if err := r.serveStream(ctx, conn); err != nil && !errors.Is(err, io.EOF) {
				r.log.Debug("a DNS query was not answered", "error", err)
			}
		})
	}
}

// serveStream answers the queries of one TCP connection.
func (r *resolver) serveStream(ctx context.Context, conn net.Conn) error {
	reader := bufio.NewReader(conn)
	for {
		if err := conn.SetDeadline(time.Now().Add(dnsTimeout)); err != nil {
			return err
		}
		query, err := readFrame(reader)
		if err != nil {
			return err
		}
		answer, err := r.answer(ctx, "tcp", query)
		if err != nil {
			return err
		}
		if err := writeFrame(conn, answer); err != nil {
			return err
		}
	}
}

func readFrame(r io.Reader) ([]byte, error) {
	var length [2]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, err
	}
	message := make([]byte, binary.BigEndian.Uint16(length[:]))
	_, err := io.ReadFull(r, message)
	return message, err
}

func writeFrame(w io.Writer, message []byte) error {
	_, err := w.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(message))), message...)) //nolint:gosec // a DNS message fits
	return err
}

// answer is the answer to a query.
func (r *resolver) answer(ctx context.Context, network string, query []byte) ([]byte, error) {
	var parser dnsmessage.Parser
	header, err := parser.Start(query)
	if err != nil {
		return nil, err
	}
	question, err := parser.Question()
	if err != nil {
		return nil, err
	}
	if !r.ours(question.Name.String()) {
		return r.ask(ctx, network, query)
	}
	builder := dnsmessage.NewBuilder(nil, dnsmessage.Header{
		ID: header.ID, Response: true, Authoritative: true, RecursionDesired: header.RecursionDesired, RecursionAvailable: true,
	})
	builder.EnableCompression()
	if err := errors.Join(builder.StartQuestions(), builder.Question(question), builder.StartAnswers()); err != nil {
		return nil, err
	}
	if address, ok := ownAddress(); ok && (question.Type == dnsmessage.TypeA || question.Type == dnsmessage.TypeALL) {
		head := dnsmessage.ResourceHeader{Name: question.Name, Class: dnsmessage.ClassINET, TTL: dnsTTL}
		if err := builder.AResource(head, dnsmessage.AResource{A: address.As4()}); err != nil {
			return nil, err
		}
	}
	return builder.Finish()
}

// ours reports whether a name is one of the gateway's or stands below one.
func (r *resolver) ours(name string) bool {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	for _, n := range r.names {
		if name == n || strings.HasSuffix(name, "."+n) {
			return true
		}
	}
	return false
}

// ownAddress is this container's IPv4 address.
func ownAddress() (netip.Addr, bool) {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return netip.Addr{}, false
	}
	for _, a := range addresses {
		prefix, err := netip.ParsePrefix(a.String())
		if err == nil && prefix.Addr().Is4() && !prefix.Addr().IsLoopback() {
			return prefix.Addr(), true
		}
	}
	return netip.Addr{}, false
}

// ask passes a query on to the resolver of the container.
func (r *resolver) ask(ctx context.Context, network string, query []byte) ([]byte, error) {
	if r.upstream == "" {
		return nil, errors.New("there is no resolver to ask")
	}
	dialer := net.Dialer{Timeout: dnsTimeout}
	conn, err := dialer.DialContext(ctx, network, r.upstream)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(dnsTimeout)); err != nil {
		return nil, err
	}
	if network == "tcp" {
		if err := writeFrame(conn, query); err != nil {
			return nil, err
		}
		return readFrame(conn)
	}
	if _, err := conn.Write(query); err != nil {
		return nil, err
	}
	answer := make([]byte, maxDNS)
	n, err := conn.Read(answer)
	return answer[:n], err
}
