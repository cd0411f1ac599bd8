"""Adversarial pairs written out, by kind, and texts without a value."""

from __future__ import annotations

EQUAL = {
    "nested radicals": r"""
        (2^(1/3)-1)^(1/3) = (1/9)^(1/3)-(2/9)^(1/3)+(4/9)^(1/3)
        (5^(1/3)-4^(1/3))^(1/2) = (2^(1/3)+20^(1/3)-25^(1/3))/3
        sqrt(28^(1/3)-27^(1/3)) = (98^(1/3)-28^(1/3)-1)/3
        ((3+2*5^(1/4))/(3-2*5^(1/4)))^(1/4) = (5^(1/4)+1)/(5^(1/4)-1)
        ((1/5)^(1/5)+(4/5)^(1/5))^(1/2) = (16/125)^(1/5)+(8/125)^(1/5)+(2/125)^(1/5)-(1/125)^(1/5)
        (32^(1/5)/27^(1/5)*1)^1 = (32/27)^(1/5)
        (7*20^(1/3)-19)^(1/6) = (5/3)^(1/3)-(2/3)^(1/3)
    """,
    "inverse tangents": r"""
        4*atan(1/5)-atan(1/239) = pi/4
        atan(1/2)+atan(1/3) = pi/4
        2*atan(1/3)+atan(1/7) = pi/4
        12atan(1/18)+8atan(1/57)-5atan(1/239) = pi/4
        8atan(1/10)-atan(1/239)-4atan(1/515) = pi/4
        44atan(1/57)+7atan(1/239)-12atan(1/682)+24atan(1/12943) = pi/4
        atan(1)+atan(2)+atan(3) = pi
        asin(3/5)+asin(4/5) = pi/2
        atan(2)+atan(1/2) = pi/2
        2atan(1/2) = acos(3/5)
    """,
    "angles of pi": r"""
        cos(pi/7)*cos(2pi/7)*cos(3pi/7) = 1/8
        tan(3pi/11)+4sin(2pi/11) = sqrt(11)
        cos(pi/5)-cos(2pi/5) = 1/2
        sin(pi/10) = (sqrt(5)-1)/4
        cos(pi/7)-cos(2pi/7)+cos(3pi/7) = 1/2
        sin(pi/7)*sin(2pi/7)*sin(3pi/7) = sqrt(7)/8
        tan(pi/7)*tan(2pi/7)*tan(3pi/7) = sqrt(7)
        sin(20*pi/180)*sin(40*pi/180)*sin(80*pi/180) = sqrt(3)/8
        cos(pi/9)*cos(2pi/9)*cos(4pi/9) = 1/8
        16cos(2pi/17) = -1+sqrt(17)+sqrt(34-2sqrt(17))+2sqrt(17+3sqrt(17)-sqrt(34-2sqrt(17))-2sqrt(34+2sqrt(17)))
        tan(pi/24) = sqrt(6)-sqrt(3)+sqrt(2)-2
        sec(pi/9)*sec(2pi/9)*sec(4pi/9) = 8
    """,
    "branches": r"""
        sqrt(x^2) = |x|
        sqrt(x^4) = x^2
        (x^6)^(1/3) = x^2
        sqrt(x^6) = |x|^3
        log(x^2) = 2log|x|
        |x|^2 = x^2
        |x*y| = |x|*|y|
        |x/y| = |x|/|y|
        sqrt((x-y)^2) = |x-y|
        |x-y| = |y-x|
        (|x|+x)*(|x|-x) = 0
        ||x|-x| = |x|-x
        exp(2log|x|) = x^2
        asin(x)+acos(x) = pi/2
        sin(asin(x)) = x
        cos(atan(x)) = 1/sqrt(1+x^2)
        tan(asin(x)) = x/sqrt(1-x^2)
        sqrt(x-1)*sqrt(x+1) = sqrt(x^2-1)
        sqrt(x/y) = sqrt(x)/sqrt(y)
        log(x*y) = log(x)+log(y)
        x^log(y) = y^log(x)
        atan(x) = asin(x/sqrt(1+x^2))
        atan(sinh(x)) = 2atan(tanh(x/2))
        log((1+x)/(1-x))/2 = log(1+x)/2-log(1-x)/2
        acos(cos(asin(x))) = |asin(x)|
        sqrt(1-sin(x)^2) = |cos(x)|
        sqrt(1+2x+x^2) = |1+x|
        (x^(1/2))^4 = x^2
        (x^(1/3))^3 = x
        sqrt(2+2cos(x)) = 2*|cos(x/2)|
        sqrt(x+2sqrt(x-1)) = sqrt(x-1)+1
        sqrt(x-2sqrt(x-1)) = |sqrt(x-1)-1|
        (sqrt(x)+1/sqrt(x))^2 = x+2+1/x
        sqrt(exp(2x)) = exp(x)
        log(exp(x)^2) = 2x
        log(sqrt(x^2+1)+x) = -log(sqrt(x^2+1)-x)
        sinh(log(x)) = (x-1/x)/2
        tanh(log(x)) = (x^2-1)/(x^2+1)
        cosh(x)^2-sinh(x)^2 = 1
        exp(x) = cosh(x)+sinh(x)
        (x+y+|x-y|)/2+(x+y-|x-y|)/2 = x+y
        sqrt(x)*sqrt(x) = x
        sqrt(-x)*sqrt(-x) = -x
        sqrt(-x)^2 = -x
        atan(x)+atan(1/x) = pi/2*|x|/x
        tan(atan(x)+atan(y)) = (x+y)/(1-x*y)
    """,
    "removable singularities": r"""
        (x^2-1)/(x-1) = x+1
        (x^5-1)/(x-1) = x^4+x^3+x^2+x+1
        sin(x)/x*x = sin(x)
        (x^3-y^3)/(x-y) = x^2+x*y+y^2
        x/x = 1
        x^0 = 1
        (x^2-2)/(x-sqrt(2)) = x+sqrt(2)
        (exp(2x)-1)/(exp(x)-1) = exp(x)+1
        (x-1)/(sqrt(x)-1) = sqrt(x)+1
        (1-cos(x)^2)/sin(x) = sin(x)
        (x^4-16)/((x-2)(x+2)) = x^2+4
        (x-8)/(x^(1/3)-2) = x^(2/3)+2x^(1/3)+4
    """,
    "towers of powers": r"""
        2^3^2 = 512
        (2^3)^2 = 64
        2^(3^(2^1)) = 512
        (x^100)^100 = x^10000
        2^1000/2^999 = 2
        3^500*3^-499 = 3
        exp(log(7)*50) = 7^50
        (1/2)^-200 = 2^200
        (9^9)^9/(9^81) = 1
        x^9999*x = x^10000
        (x^(1/9999))^9999 = x
        exp(exp(log(log(5)))) = 5
        2^(log(3)/log(2)) = 3
        e^(2*log(x)) = x^2
        (x^y)^2 = x^(2y)
        x^y*x^-y = 1
        2^x*3^x = 6^x
        4^x = 2^(2x)
        exp(x)^y = exp(x*y)
        (1+1/3)^100*3^100 = 4^100
        -2^2 = -4
        (-2)^2 = 4
        -x^2 = -(x^2)
        2^-2 = 1/4
    """,
    "several variables": r"""
        (x+y+z)^3-x^3-y^3-z^3 = 3(x+y)(y+z)(z+x)
        (x*y+z)^2-(x*y-z)^2 = 4x*y*z
        (x^2+y^2)*(z^2+1) = (x*z-y)^2+(x+y*z)^2
        x^3+y^3+z^3-3x*y*z = (x+y+z)(x^2+y^2+z^2-x*y-y*z-z*x)
        sin(x+y+z) = sin(x)cos(y)cos(z)+cos(x)sin(y)cos(z)+cos(x)cos(y)sin(z)-sin(x)sin(y)sin(z)
        1/(x-y)+1/(y-x) = 0
        (x-y)/(x*y)+(y-z)/(y*z)+(z-x)/(z*x) = 0
        x^2/((x-y)(x-z))+y^2/((y-x)(y-z))+z^2/((z-x)(z-y)) = 1
    """,
    "logarithms and hyperbolic functions": r"""
        log(2)+log(3) = log(6)
        log(8)/log(2) = 3
        log(1/x) = -log(x)
        log(x^3*y^2) = 3log(x)+2log(y)
        log(sqrt(x)) = log(x)/2
        tanh(x) = (exp(2x)-1)/(exp(2x)+1)
        sinh(2x) = 2sinh(x)cosh(x)
        cosh(3x) = 4cosh(x)^3-3cosh(x)
        asin(sqrt(2)/2) = pi/4
        acos(-1/2) = 2pi/3
        atan(sqrt(3)) = pi/3
        acos(x) = pi-acos(-x)
        atan(-x) = -atan(x)
        log(tan(x)) = log(sin(x)/cos(x))
        log(12) = 2log(2)+log(3)
        log(x^2-1) = log(x-1)+log(x+1)
        log(log(x^2)) = log(2log(x))
        exp(x*log(2)) = 2^x
        asin((3x-4x^3))*0 = 0
        log(3+2sqrt(2)) = 2log(1+sqrt(2))
        tan(3pi/8) = 1+sqrt(2)
        log(2+sqrt(3)) = -log(2-sqrt(3))
        atan(1/(2+sqrt(3))) = pi/12
    """,
    "angles": r"""
        sin(x)^4+cos(x)^4 = (3+cos(4x))/4
        sin(x)^6+cos(x)^6 = 1-3sin(x)^2cos(x)^2
        tan(x)+cot(x) = 2/sin(2x)
        sin(3x)/sin(x) = 3-4sin(x)^2
        (1+tan(x)^2)cos(x)^2 = 1
        tan(x/2) = sin(x)/(1+cos(x))
        sec(x)^2-tan(x)^2 = 1
        sin(x)sin(y) = (cos(x-y)-cos(x+y))/2
        cos(x)^3 = (3cos(x)+cos(3x))/4
        sin(pi/4+x) = (sin(x)+cos(x))/sqrt(2)
        sin(x+2pi) = sin(x)
        cos(x+pi) = -cos(x)
        tan(x+pi) = tan(x)
        sin(x)^2-sin(y)^2 = sin(x+y)sin(x-y)
        cos(pi*x)*cos(pi*y)*2 = cos(pi*(x+y))+cos(pi*(x-y))
        csc(2x)+cot(2x) = cot(x)
        sin(sqrt(2)*x)^2 = (1-cos(2sqrt(2)x))/2
    """,
}

UNEQUAL = {
    "inverse tangents": r"""
        4*atan(1/5)-atan(1/238) = pi/4
        4*atan(1/5)-atan(1/239) = pi/4+10^-60
        atan(2)+atan(3) = -pi/4
        44atan(1/57)+7atan(1/239)-12atan(1/682)+24atan(1/12944) = pi/4
        atan(1)+atan(2)+atan(3) = 0
    """,
    "angles of pi": r"""
        cos(pi/7)*cos(2pi/7)*cos(4pi/7) = 1/8
        tan(3pi/11)+4sin(2pi/11) = sqrt(11)+10^-50
        16cos(2pi/17) = -1+sqrt(17)+sqrt(34-2sqrt(17))+2sqrt(17+3sqrt(17)-sqrt(34-2sqrt(17))+2sqrt(34+2sqrt(17)))
        sin(pi/10) = (sqrt(5)+1)/4
        cos(pi/9)*cos(2pi/9)*cos(3pi/9) = 1/8
    """,
    "constants that nearly agree": r"""
        exp(pi*sqrt(163)) = 262537412640768744
        exp(pi*sqrt(163)) = 640320^3+744
        exp(pi)-pi = 20
        163*(pi-e) = 69
        22*pi^4 = 2143
        355/113 = pi
        log(640320^3+744)/sqrt(163) = pi
        (2143/22)^(1/4) = pi
        exp(pi*sqrt(652)) = 68925893036109279891085639286943768
        sin(11) = -1
        exp(6) = pi^5+pi^4
        cos(log(pi+20)) = -1
        sin(2017*2^(1/5)) = -1
        (10-9^9/10^9) = 10
        (1+9^(-4^(42))) = 1
        exp(log(2)*10) = 1025
        (3/2)^(1/3)+10^-25 = (3/2)^(1/3)
        pi*sqrt(2)+e = pi*sqrt(2)+e+1/7^50
        tanh(100) = 1
        tanh(1000) = 1
        atan(10^40) = pi/2
        cosh(10^-30) = 1
        sqrt(1+10^-80) = 1
        exp(10^-80) = 1
        sin(10^-60) = 10^-60
        (1+10^-40)^(10^4) = exp(10^-36)
        sqrt(7)+sqrt(21) = sqrt(11)+sqrt(17)
        1+1/10^300 = 1
        (10^100+1)^(1/2) = 10^50
        log(10^100+1) = 100*log(10)
    """,
    "sums of roots": r"""
        sqrt(5)+sqrt(6)+sqrt(18) = sqrt(4)+sqrt(12)+sqrt(12)
        sqrt(10)+sqrt(11) = sqrt(5)+sqrt(18)
        sqrt(1)+sqrt(12)+sqrt(17) = sqrt(3)+sqrt(13)+sqrt(10)
        sqrt(2)+sqrt(5)+sqrt(8) = sqrt(3)+sqrt(3)+sqrt(18)
    """,
    "branches": r"""
        sqrt(x^2) = x
        sqrt(x^2) = -x
        sqrt(x^6) = x^3
        log(x^2) = log(x)
        (x^2)^(3/2) = x^3
        |x|^3 = x^3
        |x+y| = |x|+|y|
        |x-1|+|x+1| = 2|x|
        |x-1|+|x+1| = 2
        sqrt(x^2+1) = |x|+1
        sqrt((x-10)^2) = x-10
        sqrt((x-1000)^2) = 1000-x
        sqrt((x+100000)^2) = x+100000
        |x-10^9| = 10^9-x
        |x+10^12| = x+10^12
        |x-10^30| = 10^30-x
        |10^6*x-1| = 1-10^6*x
        atan(x)+atan(1/x) = pi/2
        atan(tan(x)) = x
        asin(sin(x)) = x
        acos(cos(x)) = x
        acos(cos(x)) = |x|
        log(exp(x)) = |x|
        atan((1+x)/(1-x)) = atan(x)+pi/4
        2atan(x) = atan(2x/(1-x^2))
        2atan(x) = asin(2x/(1+x^2))
        2atan(x) = acos((1-x^2)/(1+x^2))
        atan(x)+atan(y) = atan((x+y)/(1-x*y))
        sqrt(x-2sqrt(x-1)) = sqrt(x-1)-1
        sqrt(x-2sqrt(x-1)) = 1-sqrt(x-1)
        sqrt(1-sin(x)^2) = cos(x)
        sqrt(2+2cos(x)) = 2cos(x/2)
        sqrt(1+sin(2x)) = sin(x)+cos(x)
        2asin(x) = asin(2x*sqrt(1-x^2))
        3acos(x) = acos(4x^3-3x)
        log|x| = log|x+10^-20|
        |sin(x)| = sin|x|
        |cos(x)| = cos(x)
        sqrt(x^2*y^2) = x*y
        sqrt(x^2*y^2) = |x|*y
        |x^3-x| = x^3-x
        |x*(x-1)*(x-2)| = x*(x-1)*(x-2)
        |exp(x)-1| = exp(x)-1
        |log(x)| = log(x)
        |tanh(x)| = tanh(x)
        |x|/x = 1
        x/|x| = |x|/x^2*1.0000001
    """,
    "0/0": r"""
        0/0 = 1
        0/0-0/0 = 0
        (1/0)-(1/0) = 0
        sqrt(-1)^2 = -1
        (x-x)/(x-x) = 1
        0*(1/0) = 0
        log(-1)-log(-1) = 0
    """,
    "towers of powers": r"""
        2^3^2 = 64
        9^9^9 = 9^81
        9^(9^9) = (9^9)^9
        -2^2 = 4
        x^9999*x = x^9999
        2^10000 = 2^10000+1
        7^9999 = 7^9998*8
        x^10000+1 = x^10000
        (x+1)^999 = x^999+1
        exp(exp(5)) = exp(exp(5))+1
        exp(exp(exp(2))) = exp(exp(exp(2)))+1
        10^400+1-10^400 = 0
        x^(10^9) = x
        x^(9^9^9) = x^(9^9^9)+1
        9^9^9^9 = 1
        2^x = x^2
        x^x = x^2
        (x^y)^z = x^(y^z)
        (10^9999+x)-10^9999 = x+1
        (x+y)^9999 = x^9999+y^9999
    """,
    "several variables": r"""
        x*y = x+y
        x^2+y^2 = (x+y)^2
        x/y = y/x
        x-y-z = x-(y-z)
        x/y/z = x/(y/z)
        sin(x+y) = sin(x)+sin(y)
        sqrt(x+y) = sqrt(x)+sqrt(y)
        log(x+y) = log(x)+log(y)
        log(x)*log(y) = log(x*y)
        x^(y+z) = x^y+x^z
        (x+y)/z = x+y/z
        x*y*z+10^-30*x = x*y*z
        x^2*y-x*y^2 = x^2*y+x*y^2
    """,
    "logarithms and hyperbolic functions": r"""
        log(2)*log(3) = log(6)
        log(x)/log(2) = log(x/2)
        log(x)^2 = log(x^2)
        log(5) = 2log(2)+log(3)-log(2)
        tanh(2x) = 2tanh(x)
        sinh(x)^2+cosh(x)^2 = 1
        asin(1/3) = 1/3
        acos(x) = -acos(-x)
        log(3+2sqrt(2)) = 2log(1+sqrt(3))
        exp(x+y) = exp(x)+exp(y)
        asin(x) = 1/sin(x)
        log(2)/log(3) = 0.63092975357145743709952711434276085429958564013188042787
    """,
    "angles": r"""
        sin(x)^4+cos(x)^4 = 1
        sin(2x) = 2sin(x)
        cos(x)^3 = (3cos(x)+cos(2x))/4
        sin(x+22/7*2) = sin(x)
        sin(x+2*355/113) = sin(x)
        sin(x+2*3.14159265358979323846264338327950288) = sin(x)
        tan(x/2) = sin(x)/(1-cos(x))
        sin(x^2) = sin(x)^2
        sin(1000000x) = sin(1000001x)
        cos(x) = cos(x+10^-18)
        sin(1/x) = 1/sin(x)
        sin(x*(1+10^-12)) = sin(x)
    """,
}

# They have no value anywhere, so they equal nothing, themselves included.
NOWHERE = [
    "0/0", "0^0", "1/0", "0^-1", "0*1/0", "(x-x)/(x-x)", "sqrt(-1)", "sqrt(-x^2-1)", "log(-x^2-1)", "log(0)",
    "log(x-x)", "log(-1)", "asin(2)", "acos(-3)", "asin(x^2+2)", "sqrt(sin(x)-2)", "log(-|x|)", "log(cos(x)-2)",
    "(-8)^(1/3)", "(-1)^(1/2)", "sqrt(-|x|-1)", "sqrt(x-2)+sqrt(1-x)", "log(x)+log(-x)", "1/(sin(x)^2+cos(x)^2-1)",
    "1/(x^2-(x-1)(x+1)-1)", "0^(x-x)", "(x-x)^(x-x)", "tan(pi/2)", "sec(pi/2)", "cot(0)", "csc(pi)", "log(sin(pi))",
    "1/sin(2pi)", "0^(-x^2-1)", "sqrt(-pi)", "log(e-3)", "sqrt(3-pi)^2", "1/(sqrt(2)*sqrt(3)-sqrt(6))",
    "log(sqrt(2)sqrt(3)-sqrt(6))", "(x^2+1-(x+1)^2+2x)^-2", "acos(1+10^-30)", "sqrt(-10^-50)", "log(-10^-50)",
    "(0/1)^(0/1)", "x/(x-x)", "atan(1/0)", "exp(1/0)", "0*log(0)", "|1/0|", "1^(1/0)", "asin(exp(x^2)+1)",
    "sqrt(-exp(x))",
]  # fmt: skip
