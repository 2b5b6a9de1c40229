update market.exchanges set calendar = null where mic in (
    'IFUS', 'XMEX', 'BVMF', 'XBUE', 'XSGO', 'XBOG', 'XLIM', 'XDUB', 'XMIL', 'XOSL', 'XMAD', 'XWBO',
    'XSTO', 'XHEL', 'XCSE', 'XICE', 'XWAR', 'XPRA', 'XBUD', 'XATH', 'XIST', 'XTAE', 'XJSE', 'XSAU',
    'XSHG', 'XSHE', 'XTAI', 'XKRX', 'XSES', 'XKLS', 'XBKK', 'XIDX', 'XPHS', 'XNSE', 'XBOM', 'XCME',
    'XCBT', 'XNYM', 'XCEC'
);
update market.exchanges set calendar = 'XETR' where mic in ('XFRA', 'XSTU', 'XMUN', 'TGAT');
