package main

import (
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"os"
	"strconv"
	"strings"
)

// config is what the environment says (shared contract: README, "Configuration").
type config struct {
	databaseURL    string // empty: a private cluster under .local/
	migrateURL     string // owner of the tables; empty: databaseURL
	addr           string
	baseURL        *url.URL
	demo           bool
	trustedProxies int
	smtpURL        string
	metricsToken   string
	mailFrom       *mail.Address
	contact        *mail.Address
}

// errUsage makes the command exit with status 2.
var errUsage = errors.New("bad usage")

// readConfig reads the environment; getenv is os.Getenv but in tests.
func readConfig(getenv func(string) string) (config, error) {
	or := func(name, byDefault string) string {
		if v := getenv(name); v != "" {
			return v
		}
		return byDefault
	}
	c := config{
		databaseURL:  getenv("DATABASE_URL"),
		migrateURL:   or("DATABASE_MIGRATE_URL", getenv("DATABASE_URL")),
		addr:         or("PORTAL_ADDR", "127.0.0.1:8080"),
		smtpURL:      getenv("SMTP_URL"),
		metricsToken: getenv("PORTAL_METRICS_TOKEN"),
	}
	var err error
	contact := or("PORTAL_CONTACT", "inclusion-numerique@example.org")
	if c.contact, err = mail.ParseAddress(contact); err != nil {
		return c, fmt.Errorf("PORTAL_CONTACT is %q: use one address", contact)
	}
	from := or("PORTAL_MAIL_FROM", contact)
	if c.mailFrom, err = mail.ParseAddress(from); err != nil {
		return c, fmt.Errorf("PORTAL_MAIL_FROM is %q: use one address", from)
	}
	if c.baseURL, err = readBaseURL(or("PORTAL_BASE_URL", "http://"+c.addr)); err != nil {
		return c, err
	}
	switch env := or("PORTAL_ENV", "demo"); env {
	case "demo":
		c.demo = true
	case "production":
	default:
		return c, fmt.Errorf("PORTAL_ENV is %q: use demo or production", env)
	}
	if c.trustedProxies, err = strconv.Atoi(or("PORTAL_TRUSTED_PROXIES", "0")); err != nil || c.trustedProxies < 0 {
		return c, errors.New("PORTAL_TRUSTED_PROXIES must be a number of proxies, 0 or more")
	}
	return c, c.checkProduction(getenv)
}

func readBaseURL(s string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSuffix(s, "/"))
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") ||
		u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		if u != nil {
			s = u.Redacted()
		}
		return nil, fmt.Errorf("PORTAL_BASE_URL is %q: use the address people type, such as https://portail.example.org", s)
	}
	return u, nil
}

// checkProduction refuses to serve real people on an insecure setting.
func (c config) checkProduction(getenv func(string) string) error {
	if c.demo {
		return nil
	}
	switch {
	case c.databaseURL == "":
		return errors.New("production needs DATABASE_URL: the private cluster is for demonstrations")
	case c.baseURL.Scheme != "https":
		return errors.New("production needs PORTAL_BASE_URL in https: cookies and links would travel in clear")
	case c.smtpURL == "":
		return errors.New("production needs SMTP_URL: personal links would stay readable in the outbox")
	case getenv("PORTAL_CONTACT") == "":
		return errors.New("production needs PORTAL_CONTACT: the law asks for an address people can write to")
	case getenv("OIDC_ISSUER") != "":
		return errors.New("OIDC_ISSUER is set, but this version signs in by password and second factor only: unset it")
	}
	return nil
}

func environment() (config, error) { return readConfig(os.Getenv) }
