#!/usr/bin/perl
# Writes into FOLDER what this image is made of, from dpkg's own records
# and of the list of libraries in the console's page:
#   sbom.spdx.json  SPDX 2.3, one package each
#   licenses.txt    the same as a table, with the licences' short names
# Perl without modules, for it is all that a slim image has.
use strict;
use warnings;

my $folder = shift or die "usage: sbom.pl FOLDER\n";

# Debian's short names that differ from SPDX's.
my %spdx = (
    'Apache-2' => 'Apache-2.0',         'Artistic-1' => 'Artistic-1.0',
    'BSD-2-clause' => 'BSD-2-Clause',   'BSD-3-clause' => 'BSD-3-Clause',
    'BSD-4-clause' => 'BSD-4-Clause',   'Expat' => 'MIT',
    'GFDL-1.2' => 'GFDL-1.2-only',      'GFDL-1.3' => 'GFDL-1.3-only',
    'GFDL-1.2+' => 'GFDL-1.2-or-later', 'GFDL-1.3+' => 'GFDL-1.3-or-later',
    'ISC' => 'ISC',                     'Zlib' => 'Zlib',
    'zlib' => 'Zlib',                   'BSL-1.0' => 'BSL-1.0',
    'PostgreSQL' => 'PostgreSQL',       'OpenSSL' => 'OpenSSL',
    # The same in both.
    map { $_ => $_ } qw(Apache-2.0 BSD-2-Clause BSD-3-Clause BSD-4-Clause
        CC0-1.0 MIT MPL-1.1 MPL-2.0 curl),
);
for my $family ('GPL', 'LGPL', 'AGPL') {
    for my $version ('1', '2', '2.1', '3') {
        my $full = $version =~ /\./ ? $version : "$version.0";
        for my $name ($version, $full) {
            $spdx{"$family-$name"} = "$family-$full-only";
            $spdx{"$family-$name+"} = "$family-$full-or-later";
        }
    }
}

sub json {
    my $text = shift;
    $text =~ s/(["\\])/\\$1/g;
    $text =~ s/[\x00-\x1f]/ /g;
    return "\"$text\"";
}

# The names after "License:" of a machine-readable copyright file.
sub licences {
    my $package = shift;
    my %found;
    open my $file, '<', "/usr/share/doc/$package/copyright" or return;
    while (my $line = <$file>) {
        next unless $line =~ /^License:\s*(\S.*?)\s*$/;
        for my $name (split /\s*,?\s+(?:and\/or|and|or)\s+|\s*,\s*/i, $1) {
            next if $name =~ /\s/ && $name !~ /exception/i;
            $name =~ s/\s+with\s.*exception.*//i;
            $found{$name} = 1 if $name =~ /^[A-Za-z0-9][\w.+-]*$/;
        }
    }
    return sort keys %found;
}

my %extracted;    # LicenseRef -> Debian's name
my (@packages, @relations, @table);
my $format = '${Package}\t${Version}\t${Architecture}\t${source:Package}\t'
    . '${source:Version}\t${Maintainer}\t${db:Status-Abbrev}\n';
for my $line (sort `dpkg-query -W -f '$format'`) {
    chomp $line;
    my ($name, $version, $arch, $source, $source_version, $maintainer, $state)
        = split /\t/, $line;
    next unless $state =~ /^ii/;
    my @ids;
    for my $licence (licences($name)) {
        my $id = $spdx{$licence};
        if (!$id) {
            ($id = "LicenseRef-$licence") =~ s/[^A-Za-z0-9.-]/-/g;
            $extracted{$id} = $licence;
        }
        push @ids, $id;
    }
    my $declared = @ids ? join(' AND ', @ids) : 'NOASSERTION';
    (my $id = "SPDXRef-Package-$name") =~ s/[^A-Za-z0-9.-]/-/g;
    my $purl = $version =~ s/\+/%2B/gr =~ s/:/%3A/gr =~ s/~/%7E/gr;
    my $namespace = $name eq 'tickerflow' ? '' : 'debian/';
    push @packages, join(",\n    ",
        '  {"SPDXID": ' . json($id),
        '"name": ' . json($name),
        '"versionInfo": ' . json($version),
        '"supplier": ' . json("Person: $maintainer"),
        '"sourceInfo": ' . json("built from: $source $source_version"),
        '"downloadLocation": "NOASSERTION"',
        '"filesAnalyzed": false',
        '"licenseConcluded": "NOASSERTION"',
        '"licenseDeclared": ' . json($declared),
        '"copyrightText": "NOASSERTION"',
        '"externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", '
            . '"referenceType": "purl", "referenceLocator": '
            . json("pkg:deb/$namespace$name\@$purl?arch=$arch") . '}]}');
    push @relations, '  {"spdxElementId": "SPDXRef-DOCUMENT", '
        . '"relationshipType": "DESCRIBES", "relatedSpdxElement": '
        . json($id) . '}';
    push @table, [$name, $version,
        @ids ? join(', ', @ids) : "see /usr/share/doc/$name/copyright"];
}

# The libraries in the console's page: "name version, licence" before each text.
my $page = '/usr/share/doc/tickerflow/console-licences.txt';
open my $listed, '<', $page or die "$page: $!\n";
my $first = 1;
while (my $line = <$listed>) {
    if ($first && $line =~ /^(\S+) (\d\S*), (\S.*?)\s*$/) {
        my ($name, $version, $licence) = ($1, $2, $3);
        (my $id = "SPDXRef-Npm-$name") =~ s/[^A-Za-z0-9.-]/-/g;
        my $purl = $name =~ s/@/%40/r;
        push @packages, join(",\n    ",
            '  {"SPDXID": ' . json($id),
            '"name": ' . json($name),
            '"versionInfo": ' . json($version),
            '"supplier": "NOASSERTION"',
            '"sourceInfo": "part of the console\'s page, in the program"',
            '"downloadLocation": "NOASSERTION"',
            '"filesAnalyzed": false',
            '"licenseConcluded": "NOASSERTION"',
            '"licenseDeclared": ' . json($licence),
            '"copyrightText": "NOASSERTION"',
            '"externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", '
                . '"referenceType": "purl", "referenceLocator": '
                . json("pkg:npm/$purl\@$version") . '}]}');
        push @relations, '  {"spdxElementId": "SPDXRef-Package-tickerflow", '
            . '"relationshipType": "CONTAINS", "relatedSpdxElement": '
            . json($id) . '}';
        push @table, [$name, $version, $licence];
    }
    # A line of dashes and an empty one part them.
    $first = $line =~ /^-{70,}$/ || ($first && $line =~ /^$/);
}
close $listed;

my @stamp = gmtime($ENV{SOURCE_DATE_EPOCH} // time);
my $now = sprintf '%04d-%02d-%02dT%02d:%02d:%02dZ',
    $stamp[5] + 1900, $stamp[4] + 1, @stamp[3, 2, 1, 0];
my ($own) = grep { $_->[0] eq 'tickerflow' } @table;
my $version = $own ? $own->[1] : 'unknown';
my $unique = `cat /proc/sys/kernel/random/uuid`;
chomp $unique;

open my $sbom, '>', "$folder/sbom.spdx.json" or die "$folder: $!\n";
print $sbom '{"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0",', "\n",
    ' "SPDXID": "SPDXRef-DOCUMENT", "name": "tickerflow-', $version, "\",\n",
    ' "documentNamespace": "https://spdx.org/spdxdocs/tickerflow-', $version,
    '-', $unique, "\",\n",
    ' "creationInfo": {"created": "', $now, '", "creators": ',
    '["Tool: tickerflow-sbom.pl"]},', "\n",
    " \"packages\": [\n", join(",\n", @packages), "],\n",
    " \"hasExtractedLicensingInfos\": [\n",
    join(",\n", map {
        '  {"licenseId": ' . json($_) . ', "name": ' . json($extracted{$_})
        . ', "extractedText": ' . json("Debian's short name $extracted{$_}: the"
        . " text is in the packages' /usr/share/doc/*/copyright") . '}'
    } sort keys %extracted), "],\n",
    " \"relationships\": [\n", join(",\n", @relations), "]}\n";
close $sbom or die "$folder: $!\n";

open my $list, '>', "$folder/licenses.txt" or die "$folder: $!\n";
printf $list "%-28s %-32s %s\n", @$_
    for ['PACKAGE', 'VERSION', 'LICENCES'], @table;
close $list or die "$folder: $!\n";
printf "sbom: %d packages\n", scalar @packages;
