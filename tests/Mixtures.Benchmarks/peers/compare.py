#!/usr/bin/python3
"""EM side by side with scikit-learn: the same data, the same start, the same fixed number of iterations.

usage, from the project's root, after `dotnet build -c Release`:
    /usr/bin/python3 tests/Mixtures.Benchmarks/peers/compare.py CASE [CASE ...] [--pairs 3]      (CASE 'all': every EM case)
needs Debian's python3-sklearn and libopenblas0-pthread (apt-get install); about 3 GB of space under the temporary folder.

'Ours' is   dotnet run -c Release --no-build --project tests/Mixtures.Benchmarks -- peer FOLDER
where FOLDER holds X.npy (N x D), weights_init.npy (K), means_init.npy (K x D), precisions_init.npy (full K x D x D, tied D x D,
diag K x D, spherical K) and meta.json {case, N, D, K, covariance_type, reg_covar, iters}. It runs exactly `iters` EM iterations
(the absolute floor reg_covar is added to the covariance's diagonal in each M-step) and prints one JSON object:
    {"seconds_per_iteration", "seconds_total", "mean_log_likelihood_first" (at the start), "mean_log_likelihood_final" (at the
     last parameters), "rss_loaded_mb" (after loading the data), "peak_rss_mb", "threads"}
Each pair runs ours, then scikit-learn; the ratio is taken pair by pair. Both sides get two threads.
"""
import json, os, subprocess, sys, tempfile, time

for v in ('OPENBLAS_NUM_THREADS', 'OMP_NUM_THREADS', 'MKL_NUM_THREADS'):
    os.environ[v] = '2'
import warnings
warnings.filterwarnings('ignore')
import numpy as np
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import make_data

OURS = ['dotnet', 'run', '-c', 'Release', '--no-build', '--project', 'tests/Mixtures.Benchmarks', '--', 'peer']
EM_CASES = [c for c, v in make_data.CASES.items() if v[7] > 0 and v[5] in ('full', 'tied', 'diag', 'spherical') and not c.startswith('t_')]


def folder(case):
    path = os.path.join(tempfile.gettempdir(), 'mixtures-bench', case)
    if not os.path.exists(os.path.join(path, 'meta.json')):
        make_data.write(case, path)
    return path


def sklearn_run(case):
    from sklearn.mixture import GaussianMixture
    _, N, D, K, _, ct, reg, iters, _ = make_data.CASES[case]
    d = folder(case)
    X, w, M, P = (np.load(os.path.join(d, n + '.npy')) for n in ('X', 'weights_init', 'means_init', 'precisions_init'))

    class Timed(GaussianMixture):
        def _initialize_parameters(self, X, rs):
            super()._initialize_parameters(X, rs)
            self.stamps = [time.perf_counter()]

        def _print_verbose_msg_iter_end(self, n, d):
            self.stamps.append(time.perf_counter())

        def _compute_lower_bound(self, a, b):
            v = super()._compute_lower_bound(a, b)
            self.__dict__.setdefault('bounds', []).append(float(v))
            return v

    m = Timed(K, covariance_type=ct, tol=0.0, reg_covar=reg, max_iter=iters, n_init=1, init_params='random_from_data',
              weights_init=w, means_init=M, precisions_init=P, random_state=0).fit(X)
    assert m.n_iter_ == iters
    return dict(seconds_per_iteration=(m.stamps[-1] - m.stamps[0]) / iters,
                mean_log_likelihood_first=m.bounds[0], mean_log_likelihood_final=float(m.score(X)))


def ours_run(case):
    out = subprocess.run(OURS + [folder(case)], capture_output=True, text=True)
    if out.returncode:
        sys.exit('ours failed on %s:\n%s' % (case, out.stderr[-2000:]))
    return json.loads(out.stdout.strip().splitlines()[-1])


def main():
    args = sys.argv[1:]
    pairs = int(args.pop(args.index('--pairs') + 1)) if '--pairs' in args else 3
    cases = [a for a in args if a != '--pairs']
    if cases == ['all']:
        cases = EM_CASES
    if not cases or any(c not in EM_CASES for c in cases):
        print(__doc__)
        print('cases:', ' '.join(EM_CASES))
        sys.exit(2)
    print('%-8s %12s %12s %8s %18s %s' % ('case', 'ours ms/it', 'sklearn', 'ratio', '|final diff|', 'MB above data'))
    ratios = []
    for case in cases:
        a, b = [], []
        for _ in range(pairs):
            a.append(ours_run(case)); b.append(sklearn_run(case))
        ratio = float(np.median([y['seconds_per_iteration'] / x['seconds_per_iteration'] for x, y in zip(a, b)]))
        diff = max(abs(a[0][k] - b[0][k]) / max(1, abs(b[0][k])) for k in ('mean_log_likelihood_first', 'mean_log_likelihood_final'))
        ratios.append(ratio)
        print('%-8s %12.2f %12.2f %7.1fx %18.1e %s' % (case, 1e3 * np.median([x['seconds_per_iteration'] for x in a]),
              1e3 * np.median([y['seconds_per_iteration'] for y in b]), ratio, diff, round(a[0]['peak_rss_mb'] - a[0]['rss_loaded_mb'], 1)), flush=True)
    print('geometric mean %.1fx, worst %.1fx' % (float(np.exp(np.mean(np.log(ratios)))), min(ratios)))


main()
