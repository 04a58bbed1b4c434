# Left on a server for as long as a change is under way: what it does once nobody brings the change to its end.
#
#   perl watch.pl timer RUN     waits for as long as the run renews its lease; then listens, decides, and acts
#   perl watch.pl boot          the same before keepalived starts, if the server was rebooted in the middle of a change
#   perl watch.pl hear SECONDS  prints who speaks which identity: VOICE ADDRESS, a line each
#   perl watch.pl decide        reads looks (`leads INSTANCE`, `voice VOICE ADDRESS`, and at the end of each `side SIDE`)
#                               and prints what it would do after each; floatip.server_side.pending.model is its twin
#
# `listener` and `advert` are floatip.hosts.network_scan's, and follow this file. Needs perl-base only, which every Debian has. ROOT
# in the environment is for tests.
use strict;
use warnings;
use Fcntl qw(:flock);
use Socket qw(:DEFAULT inet_ntop inet_pton pack_sockaddr_in6);

$| = 1;
my ($mode, $argument) = (@ARGV, "", "");
my $root = $ENV{ROOT} // "";
my ($KEPT, $WATCHED) = ("$root/etc/keepalived/.floatip-pending", "$root/run/floatip/watched");
my $UNIT = "keepalived.service";
my ($SHORT, $LONG, $ROUNDS, $REST, $BOOT) = (3, 7, 12, 30, 60);
my %known;

sub facts {
    %known = (run => "", advert_int => 1, previous => {}, wanted => {}, members => {}, copies => []);
    open my $file, "<", "$KEPT/change" or return 0;
    while (<$file>) {
        chomp;
        my ($what, $first, $second, $third) = split / /, $_, 4;
        if ($what eq "run") { ($known{run}, $known{ran}) = ($first, (split / /, $third)[2]) }
        elsif ($what eq "instance") { $known{$second}{$first} = $third }
        elsif ($what eq "address") { push @{$known{address}{$first}}, $second }
        elsif ($what eq "member") { $known{members}{$first} = 1 }
        elsif ($what eq "side") { $known{side}{$second} = $first }
        elsif ($what eq "sum") { $known{sum}{$first}{$second} = $third }
        elsif ($what eq "place") { $known{place}{$first} = "$root$third"; $known{mode}{$first} = oct $second }
        elsif ($what eq "copy") { push @{$known{copies}}, "$root$first" }
        else { $known{$what} = $what =~ /^(lease|lock|mark)$/ ? "$root$first" : $first }
    }
    $known{proved} = !-e "$KEPT/unproved";
    return $known{run} ne "";
}

# Deciding

sub renamed {
    grep { exists $known{wanted}{$_} && $known{wanted}{$_} ne $known{previous}{$_} } sort keys %{$known{previous}};
}

sub decide { # side, instances that are led, voices that members were heard with
    my ($side, $leads, $said) = @_;
    my %ways;
    for my $name (renamed()) {
        my $way = $said->{$known{previous}{$name}} ? "previous"
            : $said->{$known{wanted}{$name}} ? "wanted"
            : $leads->{$name} ? $side
            : $known{proved} ? "wanted" : "previous";
        $ways{$way} = 1;
    }
    return $known{proved} ? "wanted" : "previous" if !%ways;
    return $ways{previous} ? "previous" : "wanted";
}

sub certain {
    my ($leads, $said) = @_;
    return !grep { !$leads->{$_} && !$said->{$known{previous}{$_}} && !$said->{$known{wanted}{$_}} } renamed();
}

sub seconds {
    my $long = $_[0] eq "wanted" ? $SHORT * $known{advert_int} + 1 : $LONG * $known{advert_int} + 4;
    return $long == int $long ? $long : int($long) + 1;
}

# Looking

sub sum_of {
    return "none" if !-f $_[0];
    open my $sum, "-|", "sha256sum", "--", $_[0] or return "";
    return (split / /, <$sum> // "")[0] // "";
}

sub side { $known{side}{sum_of($known{place}{conf})} }

sub here { # address → interface
    open my $ip, "-|", "ip", "-o", "addr", "show" or return {};
    return { map { m{^[0-9]+: ([^ @]+).* inet6? ([0-9a-f.:]+)/} ? ($2 => $1) : () } <$ip> };
}

sub leads {
    my $here = here();
    return { map { my $name = $_; (grep { $here->{$_} } @{$known{address}{$name}}) ? ($name => 1) : () } keys %{$known{address}} };
}

sub first_line { open my $file, "<", $_[0] or return ""; my $line = <$file> // ""; chomp $line; return $line }

# Tell the neighbours that the led addresses are here: they may have asked another server that is about to let go. A
# packet socket sends the gratuitous ARP (RFC 5227); for IPv6 the kernel fills in the checksum of an unsolicited
# neighbour advertisement (RFC 4861 section 7.2.6): IPV6_MULTICAST_IF 17, IPV6_MULTICAST_HOPS 18.
sub announce {
    my $here = here();
    for my $address (grep { $here->{$_} } map { @$_ } values %{$known{address}}) {
        my $device = "/sys/class/net/$here->{$address}";
        my ($index, $mac) = (first_line("$device/ifindex"), pack "H12", first_line("$device/address") =~ tr/://dr);
        if ($address =~ /:/) {
            my $number = inet_pton(AF_INET6, $address);
            socket(my $socket, AF_INET6, SOCK_RAW, 58) or next;
            setsockopt($socket, 41, 17, pack "i", $index);
            setsockopt($socket, 41, 18, pack "i", 255);
            bind($socket, pack_sockaddr_in6(0, $number)) or next;
            send $socket, pack("C C n N a16 C C a6", 136, 0, 0, 0x20000000, $number, 2, 1, $mac), 0,
                pack_sockaddr_in6(0, inet_pton(AF_INET6, "ff02::1"));
        }
        else {
            my $number = inet_aton($address);
            socket(my $socket, 17, 2, unpack "S", pack "n", 0x0806) or next;
            send $socket, pack("n n C C n a6 a4 a6 a4", 1, 0x0800, 6, 4, 1, $mac, $number, "", $number), 0,
                pack "S n i S C C a8", 17, 0x0806, $index, 1, 0, 6, "\xff" x 6;
        }
    }
}

sub uptime { return int((split / /, first_line("/proc/uptime"))[0] // 0) }

sub in_force { # whether some run has the lease, and renews it
    open my $file, "<", $known{lease} or return 0;
    my (undef, undef, $until) = split / /, <$file> // "";
    return ($until // "") =~ /^[0-9]+$/ && $until > uptime();
}

sub locked { # do something while no step is being done, and none can be
    my ($work) = @_;
    my $directory = $known{lock} =~ s{/[^/]*$}{}r;
    mkdir $directory, 0700;
    open my $lock, ">>", $known{lock} or return 0;
    flock $lock, LOCK_EX or return 0;
    return $work->();
}

# What is said on the cluster's interfaces in so many seconds: voice → address → heard. With a true second argument
# this server says meanwhile, each second, what addresses it has.
sub listen_for {
    my ($length, $loud) = @_;
    my ($until, $said_at, %of, %said) = (time + $length, 0);
    my $bits = "";
    my %interfaces = map { (split /,/, $_, 5)[4] => 1 } values %{$known{previous}}, values %{$known{wanted}};
    for my $name (keys %interfaces) {
        my ($socket) = listener($name);
        next if !$socket;
        $of{fileno $socket} = [$name, $socket];
        vec($bits, fileno $socket, 1) = 1;
    }
    while ((my $left = $until - time) > 0) {
        if ($loud && $said_at != time) { announce(); $said_at = time }
        next if select(my $ready = $bits, undef, undef, $left > 0.5 ? 0.5 : $left) < 1;
        for my $number (grep { vec($ready, $_, 1) } keys %of) {
            my ($name, $socket) = @{$of{$number}};
            my ($source, $destination, $advert) = advert($socket) or next;
            next if length $advert < 8;
            my $six = length $destination == 16;
            my $kind = ($six ? ord($destination) == 0xff : ord($destination) >= 224) ? "m" : "u";
            my ($type_of, $vrid, $priority) = unpack "C C C", $advert;
            next if ($type_of & 15) != 1 || $priority == 0;    # with 0 it says that it stops
            my $voice = join ",", $vrid, $type_of >> 4, $six ? 6 : 4, $kind, $name;
            $said{$voice}{$source} = 1 if $known{members}{$source};
        }
    }
    return \%said;
}

# Acting

sub bring { # the files of one way, each whole; the first thing that fails ends it
    my ($way) = @_;
    for my $kind (sort keys %{$known{place}}) {
        my ($path, $sum) = ($known{place}{$kind}, $known{sum}{$way}{$kind});
        next if sum_of($path) eq $sum;
        if ($sum eq "none") { unlink $path or die "$path: $!\n"; next }
        my ($from, $new) = ("$KEPT/" . ($way eq "previous" ? "previous" : $known{run}) . ".$kind", "$path.floatip-watch~");
        unlink $new;
        copied($from, $new) if !link $from, $new;    # a name needs no room on the disk; another file system does
        chmod $known{mode}{$kind}, $new or die "$new: $!\n";
        rename $new, $path or die "$path: $!\n";
    }
}

sub copied {
    my ($from, $new) = @_;
    open my $in, "<:raw", $from or die "$from: $!\n";
    open my $out, ">:raw", $new or die "$new: $!\n";
    local $/;
    print {$out} scalar(<$in>) // "" or die "$new: $!\n";
    close $out or die "$new: $!\n";
}

sub inform { # the daemon: it reads its file, or does not run where it did not
    my ($way) = @_;
    open my $show, "-|", "systemctl", "show", "-p", "ActiveState", "--value", $UNIT or die "systemctl: $!\n";
    my $state = <$show> // "";
    my @words = $way eq "previous" && !$known{ran} ? ("stop") : $state =~ /^(active|reloading)/ ? ("reload") : ("start");
    system "systemctl", "reset-failed", $UNIT if $words[0] eq "start";
    system("systemctl", @words, $UNIT) == 0 or die "systemctl @words: $?\n";
    unlink $known{mark};
}

sub forget {
    my ($way) = @_;
    my $live = sum_of($known{place}{conf});
    unlink grep { -f && sum_of($_) eq $live } @{$known{copies}};
    unlink "$KEPT/change" or die "$KEPT/change: $!\n";
    unlink glob("$KEPT/*"), $WATCHED;
    rmdir $KEPT;
    print "floatip: the change of run $known{run} was not brought to its end: $way configuration\n";
}

sub pause { select undef, undef, undef, $_[0] }

sub waited { # false where the run itself has brought the change to its end, or another one has it now
    while (facts() && $known{run} eq $argument) {
        return 1 if !in_force();
        pause(1);
    }
    return 0;
}

sub round { # one look, and what follows from it; true at the end
    return 0 if !locked(sub { !in_force() && (unlink($known{lease}) || 1) });    # from here on no step of the run is done
    my $side = side();
    if (!defined $side) {
        print "floatip: keepalived.conf is none of the change of run $known{run}: left as it is\n";
        locked(sub { forget("this") });
        return 1;
    }
    # Whoever speaks the wanted identity goes back if it hears this one: until then the neighbours may have asked it.
    my $said = renamed() ? listen_for(seconds($side), $side eq "previous") : {};
    # Who holds an address goes last where nobody speaks another identity: the others are there by then.
    pause(seconds("wanted")) if !renamed() && %{leads()};
    return locked(sub {
        return 0 if !-e "$KEPT/change" || in_force();
        my $leads = leads();
        my $way = decide($side, $leads, $said);
        if (sum_of($known{place}{conf}) ne $known{sum}{$way}{conf} || -e $known{mark}) { bring($way); inform($way); return 0 }
        return 0 if !certain($leads, $said);
        bring($way);
        announce();
        forget($way);
        return 1;
    });
}

if ($mode eq "timer") {
    for (my $number = 1; waited(); $number++) {
        my $done = eval { round() };
        print "floatip: $@" if $@;
        last if $done;
        pause($number > $ROUNDS || $@ ? $REST : 0.2);
    }
}
elsif ($mode eq "boot") {
    exit 0 if -e $WATCHED || !facts();
    locked(sub { open my $file, ">", $WATCHED });
    if (defined(my $side = side())) {
        my $length = seconds("previous");
        my $said = renamed() ? listen_for($length < $BOOT ? $length : $BOOT) : {};
        eval { bring(decide($side, {}, $said)) };
        print "floatip: $@" if $@;
    }
    system "systemd-run", "--quiet", "--no-block", "--collect", "--unit=floatip-pending-$known{run}",
        "perl", "$KEPT/watch.pl", "timer", $known{run};
}
elsif ($mode eq "hear") {
    facts();
    my $said = listen_for($argument);
    for my $voice (sort keys %$said) { print "$voice $_\n" for sort keys %{$said->{$voice}} }
}
elsif ($mode eq "decide") {
    facts() or die "no change\n";
    my (%leads, %said);
    while (<STDIN>) {
        my ($what, $first, $second) = split;
        if ($what eq "leads") { $leads{$first} = 1 }
        elsif ($what eq "voice") { $said{$first} = 1 if $known{members}{$second} }
        else {
            printf "%s %d %d\n", decide($first, \%leads, \%said), certain(\%leads, \%said), seconds($first);
            (%leads, %said) = ();
        }
    }
}
