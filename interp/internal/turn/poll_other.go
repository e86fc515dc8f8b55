//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd)

package turn

import "errors"

// Descriptors is how many a Scheduler opens to wait for others.
const Descriptors = 0

// tellsUrgent says whether Desc.urgent is known.
const tellsUrgent = false

// poller waits for deadlines alone: there are no descriptors on this system.
type poller struct{ alarm }

func (p *poller) begin()             {}
func (p *poller) deliver()           {}
func (p *poller) each(func(*Desc))   {}
func (p *poller) remove(*Desc, bool) {}
func (p *poller) close()             {}
func (p *poller) add(*Scheduler, *Desc) error {
	return errors.ErrUnsupported
}
