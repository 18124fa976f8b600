// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"liveroom.dev/tests/cluster/internal/address"
	"liveroom.dev/tests/cluster/internal/api"
	"liveroom.dev/tests/cluster/internal/cgroup"
	"liveroom.dev/tests/cluster/internal/component"
	"liveroom.dev/tests/cluster/internal/holder"
	"liveroom.dev/tests/cluster/internal/layout"
	"liveroom.dev/tests/cluster/internal/proc"
	"liveroom.dev/tests/cluster/internal/toolchain"
)

// bringUp is one run of Up.
type bringUp struct {
	dir     layout.Dir
	options Options
	tools   toolchain.Tools
	screen  io.Writer
	start   time.Time

	plugins string // folder of CNI plugins
	state   State
	port    int // of the API server as it sees it
	waiter  waiter
	api     *api.Client
}

// Up brings a cluster up in dir. One that is up already is left as it is.
// When it fails, nothing of the new cluster is left.
func Up(ctx context.Context, dir layout.Dir, options Options, tools toolchain.Tools, screen io.Writer) error {
	if err := os.MkdirAll(string(dir), 0o755); err != nil {
		return err
	}
	unlock, err := lock(dir)
	if err != nil {
		return err
	}
	defer unlock()
	old, found, err := Load(dir)
	if err != nil {
		return err
	}
	if found && old.Holder.Alive() {
		return reuse(ctx, dir, old, options, screen)
	}
	if found {
		fmt.Fprintln(screen, "removing what a cluster that ended has left in", dir)
		if err := unmake(ctx, dir, old, nil); err != nil {
			return err
		}
	}
	up := &bringUp{dir: dir, options: options, tools: tools, screen: screen, start: time.Now()}
	if err := up.run(ctx); err != nil {
		// The context may be what ended it.
		if clean := unmake(context.WithoutCancel(ctx), dir, up.state, nil); clean != nil {
			fmt.Fprintln(screen, "cleaning up:", clean)
		}
		_ = os.Remove(string(dir)) // only when nothing else is in it
		return err
	}
	return nil
}

func reuse(ctx context.Context, dir layout.Dir, old State, options Options, screen io.Writer) error {
	if old.Mode != options.mode() || (options.Controllers && !old.Controllers) || (options.Audit && !old.Audit) {
		return fmt.Errorf("a cluster with other options (%s) is up in %s: take it down first", old.Mode, dir)
	}
	status, err := holder.Connect(string(dir)).Component(ctx, component.APIServer)
	if err != nil {
		return err
	}
	if !status.Running {
		return fmt.Errorf("a cluster is up in %s, but its API server is stopped", dir)
	}
	fmt.Fprintln(screen, "a cluster is up already in", dir)
	return nil
}

func (u *bringUp) run(ctx context.Context) error {
	u.state = State{
		Mode:        u.options.mode(),
		Controllers: u.options.Controllers || !u.options.APIOnly,
		Audit:       u.options.Audit,
		Programs:    u.tools.Bin,
	}
	if err := u.prepare(); err != nil {
		return err
	}
	if err := u.launch(ctx); err != nil {
		return err
	}
	u.waiter = waiter{u.dir, holder.Connect(string(u.dir))}
	var err error
	if u.state.node() {
		err = u.startNodeCluster(ctx)
	} else {
		err = u.startControlPlane(ctx)
	}
	if err != nil {
		return err
	}
	u.say("ready")
	return nil
}

// prepare makes what the holder finds when it starts. The state comes first.
func (u *bringUp) prepare() error {
	if u.state.node() {
		plugins, err := requirements()
		if err != nil {
			return err
		}
		u.plugins = plugins
		u.state.CgroupRoot = fmt.Sprintf("%s%x", u.dir.CgroupPrefix(), time.Now().UnixNano())
	}
	if err := u.state.save(u.dir); err != nil {
		return err
	}
	if err := u.dir.Make(); err != nil {
		return err
	}
	if !u.state.node() {
		return nil
	}
	if err := u.dir.MakeNode(); err != nil {
		return err
	}
	return cgroup.Make(u.state.CgroupRoot)
}

// launch starts the holder and writes down who it is. The listener that users
// connect to stays here, outside, and the holder carries connections inside;
// without a node the API server itself takes that port.
func (u *bringUp) launch(ctx context.Context) error {
	listener, err := listenLoopback()
	if err != nil {
		return err
	}
	defer listener.Close()
	options := holder.Options{Dir: string(u.dir)}
	u.state.Server = fmt.Sprintf("https://127.0.0.1:%d", portOf(listener))
	u.port = portOf(listener)
	var handed *net.TCPListener
	inside := u.state.Server
	if u.state.node() {
		u.port = component.APIPort
		options.Namespaces = true
		options.Keep = []string{string(u.dir), u.tools.Bin}
		options.Target = fmt.Sprintf("%s:%d", address.Node, component.APIPort)
		inside = fmt.Sprintf("https://127.0.0.1:%d", component.APIPort)
		handed = listener
	}
	credentials, err := writeIdentities(u.dir, u.state.Server, inside)
	if err != nil {
		return err
	}
	if u.api, err = api.New(u.state.Server, credentials.authority, credentials.admin); err != nil {
		return err
	}
	return holder.Launch(ctx, options, handed, func(id proc.ID) error {
		u.state.Holder = id
		return u.state.save(u.dir)
	})
}

// begin starts one program of the cluster.
func (u *bringUp) begin(ctx context.Context, name string, args []string) error {
	return u.beginPath(ctx, name, u.tools.Path(name), args)
}

func (u *bringUp) beginPath(ctx context.Context, name, path string, args []string) error {
	return u.waiter.holder.Start(ctx, holder.Spec{Name: name, Path: path, Args: args, Log: u.dir.Log(name)})
}

func (u *bringUp) say(what string) {
	fmt.Fprintf(u.screen, "%5.1f s  %s\n", time.Since(u.start).Seconds(), what)
}
