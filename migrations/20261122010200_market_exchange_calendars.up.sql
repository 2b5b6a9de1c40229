-- Calendars for the exchanges that had none, and for the German floors their own, which are longer than
-- Xetra's. Chicago's and New York's futures exchanges share one platform and one calendar.
update market.exchanges set calendar = mic where mic in (
    'IFUS', 'XMEX', 'BVMF', 'XBUE', 'XSGO', 'XBOG', 'XLIM', 'XDUB', 'XMIL', 'XOSL', 'XMAD', 'XWBO',
    'XSTO', 'XHEL', 'XCSE', 'XICE', 'XWAR', 'XPRA', 'XBUD', 'XATH', 'XIST', 'XTAE', 'XJSE', 'XSAU',
    'XSHG', 'XSHE', 'XTAI', 'XKRX', 'XSES', 'XKLS', 'XBKK', 'XIDX', 'XPHS', 'XNSE', 'XBOM', 'XFRA',
    'XSTU', 'XMUN', 'TGAT'
);
update market.exchanges set calendar = 'XCME' where mic in ('XCME', 'XCBT', 'XNYM', 'XCEC');
