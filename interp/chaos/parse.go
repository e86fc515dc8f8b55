package chaos

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"wirelua/interp/internal/nearest"
	"wirelua/interp/policy"
)

// form is what follows a word and a "=".
type form uint8

const (
	nothing form = iota
	aTime
	aRate
)

// words are the kinds as a text has them.
var words = [kinds]struct {
	name string
	form form
}{
	ShortRead: {"short-read", nothing}, ShortWrite: {"short-write", nothing},
	Delay: {"delay", aTime}, Jitter: {"jitter", aTime},
	Reset: {"reset", nothing}, Refuse: {"refuse", nothing}, AcceptDelay: {"accept-delay", aTime},
	Drop: {"drop", nothing}, Dup: {"dup", nothing}, Reorder: {"reorder", nothing},
	DNSFail: {"dns-fail", nothing}, DNSDelay: {"dns-delay", aTime},
	Bandwidth: {"bandwidth", aRate},
}

// known are all words that a text may have.
func known() []string {
	all := []string{"seed", "only"}
	for _, w := range words {
		all = append(all, w.name)
	}
	return all
}

// Error is that of a text that Parse does not understand.
type Error struct {
	Word    string // where it is wrong, as it was written
	Problem string // what is, and what to write instead
}

// Error names both.
func (e *Error) Error() string { return fmt.Sprintf("%q %s", e.Word, e.Problem) }

// Parse reads what is to be disturbed, in words with commas between them:
//
//	short-read short-write reset=1% refuse=5%    recv gives a part, send takes one; a connection is reset, or refused
//	delay=20ms jitter=5ms bandwidth=64KB/s       recv and send begin later; bytes in a second, each way
//	accept-delay=10ms dns-delay=100ms dns-fail   likewise of accept and of look-ups
//	drop=1% dup=1% reorder=1%                    of datagrams, when they are sent
//	seed=7 only=10.0.0.0/8:443                   which calls are hit; whose (a network rule; it may be repeated)
//
// A percentage may follow any kind (short-read=30%, delay=20ms=10%): so many calls are hit; alone it is all
// of them. Blanks around words mean nothing, and each but only is written once. The error is an *Error, which
// names the word. An empty text is one, too.
func Parse(text string) (Spec, error) {
	var s Spec
	said := map[string]bool{}
	for _, word := range strings.Split(text, ",") {
		word = strings.TrimSpace(word)
		name, value, valued := strings.Cut(word, "=")
		if said[name] && name != "only" {
			return Spec{}, &Error{word, "is there twice"}
		}
		said[name] = true
		if err := s.read(name, value, valued); err != nil {
			return Spec{}, &Error{word, err.Error()}
		}
	}
	if !s.On() {
		return Spec{}, &Error{text, "disturbs nothing: say what, as in short-read=30%"}
	}
	return s, nil
}

// read reads one word.
func (s *Spec) read(name, value string, valued bool) (err error) {
	switch name {
	case "seed":
		if s.seed, err = strconv.ParseUint(value, 10, 64); err != nil {
			return errors.New("needs a whole number from 0 to 18446744073709551615, as in seed=7")
		}
		s.seeded = true
		return nil
	case "only":
		if !valued {
			return errors.New("needs a rule, as in only=10.0.0.0/8:443")
		}
		r, err := policy.ParseNetworkRule(value)
		s.only = append(s.only, r)
		return err
	}
	for k, w := range words {
		if w.name == name {
			return s.kind(Kind(k), w.form, value, valued)
		}
	}
	return unknown(name)
}

func unknown(name string) error {
	if name == "" {
		return errors.New("is no kind of disturbance, there are: " + strings.Join(known(), ", "))
	}
	if best := nearest.Word(name, known()); best != "" {
		return errors.New("is no kind of disturbance; did you mean '" + best + "'?")
	}
	return errors.New("is no kind of disturbance, there are: " + strings.Join(known(), ", "))
}

// kind reads what follows the name of a kind.
func (s *Spec) kind(k Kind, f form, value string, valued bool) (err error) {
	share, shared := value, valued
	if f != nothing {
		value, share, shared = strings.Cut(value, "=")
		if s.amount[k], err = amount(f, value); err != nil {
			return fmt.Errorf("%w, as in %s", err, example(k, f))
		}
	}
	if s.share[k] = always; shared {
		s.share[k], err = percentage(share)
	}
	return err
}

func example(k Kind, f form) string {
	if f == aRate {
		return words[k].name + "=64KB/s"
	}
	return words[k].name + "=20ms"
}

func amount(f form, text string) (int64, error) {
	if f == aRate {
		return rate(text)
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 || d > maxTime {
		return 0, fmt.Errorf("needs a time of at most %v", maxTime)
	}
	return int64(d), nil
}

// maxTime is the longest delay.
const maxTime = time.Hour

// units are those of a rate, in bytes.
var units = []struct {
	name  string
	bytes float64
}{{"GB/s", 1 << 30}, {"MB/s", 1 << 20}, {"KB/s", 1 << 10}, {"B/s", 1}}

// maxRate is the greatest rate, and one of a connection that disturbs nobody.
const maxRate = 1 << 40

// rate reads a number of bytes in a second.
func rate(text string) (int64, error) {
	for _, u := range units {
		number, ok := strings.CutSuffix(text, u.name)
		if !ok {
			continue
		}
		if x, err := decimal(number); err == nil && x*u.bytes >= 1 && x*u.bytes <= maxRate {
			return int64(math.Round(x * u.bytes)), nil
		}
	}
	return 0, errors.New("needs bytes in a second: B/s, KB/s (1024 of them), MB/s or GB/s")
}

// percentage reads a share, in millionths.
func percentage(text string) (uint32, error) {
	if number, ok := strings.CutSuffix(text, "%"); ok {
		if x, err := decimal(number); err == nil && x >= 0.0001 && x <= 100 {
			return uint32(math.Round(x * always / 100)), nil
		}
	}
	return 0, errors.New("needs a percentage from 0.0001% to 100% in the end, or none for always")
}

// decimal reads a number as people write it, without a sign or an exponent.
func decimal(text string) (float64, error) {
	if text == "" || strings.Trim(text, "0123456789.") != "" {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseFloat(text, 64)
}

// String spells the Spec so that Parse reads the same again; "" is one that disturbs nothing.
func (s Spec) String() string {
	var all []string
	for k, w := range words {
		if s.share[k] == 0 {
			continue
		}
		word := w.name
		switch w.form {
		case aTime:
			word += "=" + time.Duration(s.amount[k]).String()
		case aRate:
			word += "=" + strconv.FormatInt(s.amount[k], 10) + "B/s"
		}
		if s.share[k] != always {
			word += "=" + strconv.FormatFloat(float64(s.share[k])*100/always, 'f', -1, 64) + "%"
		}
		all = append(all, word)
	}
	for _, r := range s.only {
		all = append(all, "only="+r.String())
	}
	if s.seeded {
		all = append(all, "seed="+strconv.FormatUint(s.seed, 10))
	}
	return strings.Join(all, ",")
}
